import { binpackWeights, type Config, milliseconds } from '../config/config.ts';
import { isSteered } from '../config/modes.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { markedUnit, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { podScore } from '../domain/score/pod-score.ts';
import type { CostWrite } from '../domain/victims/cost-write.ts';
import { costReaderOf } from '../workloads/scaling.ts';
import type { Duty } from './duty.ts';
import { contestedPods } from './removal.ts';

/** How often overdue marks are looked for: a fraction of the time after which they are. */
const CHECKS = 10;

export function takingBack(fleet: Fleet, config: Config, now: () => number): Duty {
  return {
    name: 'taking back marks that led nowhere',
    every: Math.max(100, milliseconds(config.steering.takeBack) / CHECKS),
    async run() {
      await takeBackMarks(fleet, config, now());
    },
  };
}

/**
 * Takes back marks that led nowhere: the change was refused elsewhere, reverted, or the pod survived it. Such pods get
 * the binpack cost of now. Not while their controller is still deleting, or about to: raising a cost then could send
 * something else in its place. Resolves with how many were taken back.
 */
export async function takeBackMarks(fleet: Fleet, config: Config, now: number): Promise<number> {
  const snapshot = fleet.snapshot();
  const weights = binpackWeights(config);
  const before = now - milliseconds(config.steering.takeBack);
  const writes = [...snapshot.markedPods()]
    .filter((pod) => isOverdue(pod, before) && mayTakeBack(pod, snapshot, config, now))
    .map((pod): CostWrite => ({ pod, to: String(podScore(pod, snapshot, weights)), victim: null }));
  const outcomes = await fleet.write(writes, now + milliseconds(config.steering.budget));
  return outcomes.filter((outcome) => outcome === 'written').length;
}

function isOverdue(pod: Pod, before: number): boolean {
  return markedUnit(pod) !== null && !pod.deleting && (pod.victim?.since ?? before) <= before;
}

function mayTakeBack(pod: Pod, snapshot: Snapshot, config: Config, now: number): boolean {
  const workload = costReaderOf(pod, snapshot);
  if (workload === undefined) return config.mode === 'steer';
  // Where steering is switched off, everything of ours goes, not just the mark.
  if (!isSteered(workload, snapshot, config)) return false;
  return !contestedPods(snapshot, now)(pod);
}
