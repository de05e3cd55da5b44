import { hangs, markedUnit } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { type Candidate, type Pool, writtenCosts } from '../domain/victims/pool.ts';
import { adapterOf } from '../workloads/registry.ts';
import { unchangedRequests } from '../workloads/scale-requests.ts';

/**
 * The pools in which the workload's controller is deleting, or is about to at the counts that the workload has:
 * changing a cost in them could send something else in the place of what is going. What hangs, on a node that has died
 * perhaps, may do so for ever.
 */
export function busyPools(workload: Workload, snapshot: Snapshot, now: number): readonly Pool[] {
  const isGoing = ({ pods }: Candidate) => pods.length === 0 || !pods.every((pod) => hangs(pod, now));
  return unchangedRequests(workload)
    .flatMap((request) => adapterOf(workload).scale(request, snapshot, now).pools)
    .filter(
      (pool) =>
        pool.candidates.some((candidate) => candidate.deleting && isGoing(candidate)) ||
        pool.consumer.victims(pool, pool.wanted, writtenCosts).some(isGoing),
    );
}

/** Whether nothing of the workload is going, or marked to go with a scale-down that its controller may not know yet. */
export function isQuiet(workload: Workload, snapshot: Snapshot, now: number): boolean {
  const isMarked = snapshot.podsOf(workload.uid).some((pod) => markedUnit(pod) !== null && !hangs(pod, now));
  return !isMarked && busyPools(workload, snapshot, now).length === 0;
}
