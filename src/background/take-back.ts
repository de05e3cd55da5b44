import { binpackWeights, type Config } from '../config/config.ts';
import { milliseconds } from '../config/duration.ts';
import { isSteeredCarrier } from '../config/modes.ts';
import type { FleetWrite } from '../domain/fleet/cost-write.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { CostCarrier } from '../domain/fleet/instance.ts';
import { markedUnit } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { podScore } from '../domain/score/pod-score.ts';
import { currentOf } from '../workloads/cost-readers.ts';
import type { Duty } from './duty.ts';
import { contested } from './removal.ts';
import type { SlowWriter } from './slow-writer.ts';

/** How often overdue marks are looked for: a fraction of the time after which they are. */
const CHECKS = 10;

/**
 * Takes back marks that led nowhere: the change was refused elsewhere, reverted, or the pod survived it. Such pods get
 * the binpack cost of now, and an instance, which is never stamped, loses all that is ours. Not while their controller
 * is still deleting, or about to: raising a cost then could send something else in its place.
 */
export function takingBack(fleet: Fleet, config: Config, now: () => number, writer: SlowWriter): Duty {
  const weights = binpackWeights(config);
  const decide = (carrier: CostCarrier): FleetWrite | null => {
    const snapshot = fleet.snapshot();
    const current = currentOf(carrier, snapshot);
    if (current === undefined || !overdue(snapshot, config, now())(current)) return null;
    if (current.place !== undefined) return { carrier: current, to: null, victim: null };
    return { carrier: current, to: String(podScore(current, snapshot, weights)), victim: null };
  };
  return {
    name: 'taking back marks that led nowhere',
    every: Math.max(100, milliseconds(config.steering.takeBack) / CHECKS),
    async run(pace) {
      const snapshot = fleet.snapshot();
      const due = [...snapshot.markedPods(), ...snapshot.instances()].filter(overdue(snapshot, config, now()));
      await writer.writeEach(due, decide, pace);
    },
  };
}

/** Tells the carriers whose mark is to be taken back. For one snapshot at one moment. */
function overdue(snapshot: Snapshot, config: Config, now: number): (carrier: CostCarrier) => boolean {
  const takeBack = milliseconds(config.steering.takeBack);
  const isContested = contested(snapshot, now);
  return (carrier) => {
    const { victim, deleting } = carrier;
    // Either way, in case the clock that marked it was ahead, or is set back.
    const isOld = victim !== null && Math.abs(now - victim.since) >= takeBack;
    if (!isOld || deleting || markedUnit(carrier) === null || isContested(carrier)) return false;
    // Where steering is switched off, everything of ours goes, not just the mark.
    return isSteeredCarrier(carrier, snapshot, config);
  };
}
