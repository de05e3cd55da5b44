import type { Config } from '../config/config.ts';
import { isSteered, isSteeredCarrier } from '../config/modes.ts';
import { isTouched } from '../domain/fleet/cost-write.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { CostCarrier } from '../domain/fleet/instance.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Duty } from './duty.ts';
import { carriersIn, contested, removalOf } from './removal.ts';
import type { SlowWriter } from './slow-writer.ts';

/**
 * Takes off what we wrote, and only that, where steering is switched off: `off`, exempt, and `observe` too, for what is
 * observed is what controllers do without us, and an old cost of ours would decide for them. Not in the middle of a
 * scale-down.
 */
export function removingWhatIsSwitchedOff(fleet: Fleet, config: Config, now: () => number, writer: SlowWriter): Duty {
  return {
    name: 'removing costs where steering is switched off',
    every: 30_000,
    async run(pace) {
      const decide = (carrier: CostCarrier) => {
        const snapshot = fleet.snapshot();
        const isStill = !isSteeredCarrier(carrier, snapshot, config) && !contested(snapshot, now())(carrier);
        return isStill ? removalOf(carrier, snapshot) : null;
      };
      await writer.writeEach(leftovers(fleet.snapshot(), config), decide, pace);
    },
  };
}

/** What carries something of ours although its workload is not steered. */
function* leftovers(snapshot: Snapshot, config: Config): Iterable<CostCarrier> {
  if (config.mode !== 'steer') {
    for (const carrier of carriersIn(snapshot)) if (isTouched(carrier)) yield carrier;
    return;
  }
  for (const workload of snapshot.workloads()) {
    if (isSteered(workload, snapshot, config)) continue;
    yield* [...snapshot.podsOf(workload.uid), ...snapshot.instancesOf(workload.uid)].filter(isTouched);
  }
}
