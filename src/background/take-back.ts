import { binpackWeights, type Config } from '../config/config.ts';
import { milliseconds } from '../config/duration.ts';
import { isSteeredPod } from '../config/modes.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { CostCarrier } from '../domain/fleet/instance.ts';
import { markedUnit } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { podScore } from '../domain/score/pod-score.ts';
import type { PodWrite } from '../domain/victims/cost-write.ts';
import { currentOf } from '../workloads/cost-readers.ts';
import type { Duty, Pace } from './duty.ts';
import { contestedPods } from './removal.ts';
import type { SlowWriter } from './slow-writer.ts';

/** How often overdue marks are looked for: a fraction of the time after which they are. */
const CHECKS = 10;

/** The duty of whoever leads to look for marks that are overdue. */
export function takingBack(fleet: Fleet, config: Config, now: () => number, writer: SlowWriter): Duty {
  return {
    name: 'taking back marks that led nowhere',
    every: Math.max(100, milliseconds(config.steering.takeBack) / CHECKS),
    async run(pace) {
      await takeBackMarks(fleet, config, now, writer, pace);
    },
  };
}

/**
 * Takes back marks that led nowhere: the change was refused elsewhere, reverted, or the pod survived it. Such pods get
 * the binpack cost of now, and an instance, which is never stamped, loses all that is ours. Not while their controller
 * is still deleting, or about to: raising a cost then could send something else in its place. Resolves with how many
 * were taken back.
 */
export async function takeBackMarks(
  fleet: Fleet,
  config: Config,
  now: () => number,
  writer: SlowWriter,
  pace: Pace,
): Promise<number> {
  const weights = binpackWeights(config);
  const decide = (carrier: CostCarrier): PodWrite | null => {
    const snapshot = fleet.snapshot();
    const found = currentOf(carrier, snapshot);
    const [pod] = found === undefined ? [] : overduePods([found], snapshot, config, now());
    if (pod === undefined) return null;
    if (pod.place !== undefined) return { pod, to: null, victim: null };
    return { pod, to: String(podScore(pod, snapshot, weights)), victim: null };
  };
  const snapshot = fleet.snapshot();
  const overdue = overduePods([...snapshot.markedPods(), ...snapshot.instances()], snapshot, config, now());
  return writer.writeEach(overdue, decide, pace);
}

/** Those of the pods whose mark is to be taken back now. */
function overduePods(
  pods: Iterable<CostCarrier>,
  snapshot: Snapshot,
  config: Config,
  now: number,
): readonly CostCarrier[] {
  const takeBack = milliseconds(config.steering.takeBack);
  const isContested = contestedPods(snapshot, now);
  // Either way, in case the clock that marked it was ahead, or is set back.
  const isOld = ({ victim }: CostCarrier) => victim !== null && Math.abs(now - victim.since) >= takeBack;
  const isOverdue = (pod: CostCarrier) => markedUnit(pod) !== null && !pod.deleting && isOld(pod) && !isContested(pod);
  // Where steering is switched off, everything of ours goes, not just the mark.
  return [...pods].filter((pod) => isOverdue(pod) && isSteeredPod(pod, snapshot, config));
}
