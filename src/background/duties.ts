import type { LowsStore } from '../domain/fleet/lows.ts';
import { fillingInCosts } from './coarse-costs.ts';
import type { Duty } from './duty.ts';
import { rememberingLows } from './lows.ts';
import { SlowWriter } from './slow-writer.ts';
import { removingWhatIsSwitchedOff } from './switched-off.ts';
import { takingBack } from './take-back.ts';
import { type ForecastOptions, publishingTargetSet } from './target-set.ts';

/** What all background work together writes at the most. */
const WRITES_PER_SECOND = 20;

export interface DutiesOptions extends ForecastOptions {
  readonly lows: LowsStore;
}

/** Everything that the leader does in the background. */
export function dutiesOf(options: DutiesOptions): readonly Duty[] {
  const { fleet, config, now } = options;
  const writer = new SlowWriter({ fleet, now, writesPerSecond: WRITES_PER_SECOND });
  return [
    takingBack(fleet, config, now, writer),
    removingWhatIsSwitchedOff(fleet, config, now, writer),
    publishingTargetSet(options),
    rememberingLows(fleet, options.lows, now),
    ...(config.background ? [fillingInCosts(fleet, config, now, writer)] : []),
  ];
}
