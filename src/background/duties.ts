import type { Config } from '../config/config.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { TargetSetStore } from '../domain/fleet/target-set.ts';
import { fillingInCosts } from './coarse-costs.ts';
import type { Duty } from './duty.ts';
import { SlowWriter } from './slow-writer.ts';
import { removingWhatIsSwitchedOff } from './switched-off.ts';
import { takingBack } from './take-back.ts';
import { nodesBeingFreed, publishingTargetSet } from './target-set.ts';

/** What all background work together writes at the most. */
const WRITES_PER_SECOND = 20;

export interface DutiesOptions {
  readonly fleet: Fleet;
  readonly targetSet: TargetSetStore;
  readonly config: Config;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Everything that the leader does in the background. */
export function dutiesOf({ fleet, targetSet, config, now }: DutiesOptions): readonly Duty[] {
  const writer = new SlowWriter({ fleet, now, writesPerSecond: WRITES_PER_SECOND });
  return [
    takingBack(fleet, config, now, writer),
    removingWhatIsSwitchedOff(fleet, config, now, writer),
    publishingTargetSet(fleet, targetSet, nodesBeingFreed),
    ...(config.background ? [fillingInCosts(fleet, config, now, writer)] : []),
  ];
}
