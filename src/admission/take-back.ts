import { type Config, milliseconds } from '../config/config.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { markedUnit, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { podScore } from '../domain/score/pod-score.ts';
import type { CostWrite } from '../domain/victims/cost-write.ts';
import { type Pool, writtenCosts } from '../domain/victims/pool.ts';
import { adapterOf } from '../workloads/registry.ts';
import { costReaderOf, unchangedRequests } from '../workloads/scaling.ts';
import { scalingOptions } from './steering.ts';

/**
 * Takes back marks that led nowhere: the change was refused elsewhere, reverted, or the pod survived it. Such pods get
 * the binpack cost of now. Not while their controller is still deleting, or about to: raising a cost then could send
 * something else in its place.
 */
export async function takeBackMarks(fleet: Fleet, config: Config, now: number): Promise<number> {
  const snapshot = fleet.snapshot();
  const { binpack } = scalingOptions(config);
  const marked = [...snapshot.markedPods()].filter((pod) =>
    isOverdue(pod, now - milliseconds(config.steering.takeBack)),
  );
  const writes = marked
    .filter((pod) => mayTakeBack(pod, snapshot, now))
    .map((pod): CostWrite => ({ pod, to: String(podScore(pod, snapshot, binpack)), victim: null }));
  const outcomes = await fleet.write(writes, now + milliseconds(config.steering.budget));
  return outcomes.filter((outcome) => outcome === 'written').length;
}

function isOverdue(pod: Pod, before: number): boolean {
  return markedUnit(pod) !== null && !pod.deleting && (pod.victim?.since ?? before) <= before;
}

function mayTakeBack(pod: Pod, snapshot: Snapshot, now: number): boolean {
  const workload = costReaderOf(pod, snapshot);
  if (workload === undefined) return true;
  return currentPools(workload, snapshot, now).every((pool) => {
    const isBusy =
      pool.candidates.some((candidate) => candidate.deleting) ||
      pool.consumer.victims(pool, pool.wanted, writtenCosts).length > 0;
    return !isBusy || !pool.candidates.some((candidate) => candidate.pods.includes(pod));
  });
}

/** The workload's pools at the counts it has: what its controller would delete now, with no change at all. */
function currentPools(workload: Workload, snapshot: Snapshot, now: number): readonly Pool[] {
  return unchangedRequests(workload).flatMap((request) => adapterOf(workload).scale(request, snapshot, now).pools);
}
