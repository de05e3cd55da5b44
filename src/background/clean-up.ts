import { isTouched } from '../domain/fleet/cost-write.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { CostCarrier } from '../domain/fleet/instance.ts';
import { namespacedName } from '../domain/fleet/namespaced-name.ts';
import type { Pace } from './duty.ts';
import { carriersIn, contested, removalOf } from './removal.ts';
import { SlowWriter } from './slow-writer.ts';

export interface CleanUpOptions {
  readonly fleet: Fleet;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** What has become of a clean-up. */
export interface CleanUp {
  /** How many pods, and instances in their place, something of ours was taken off. */
  readonly cleaned: number;
  /** Those that could not be written, by `namespace/name`. */
  readonly left: readonly string[];
}

const WRITES_PER_SECOND = 50;
/** Milliseconds that scale-downs in progress get to finish before the costs that decide them are taken away too. */
const PATIENCE = 60_000;
const BETWEEN_ROUNDS = 1000;
/** Refusals in between do not end the row. */
const MOST_FAILURES_IN_A_ROW = 5;
/** More than of failures: one pod may be refused for what it is, and the next one not. */
const MOST_REFUSALS_IN_A_ROW = 100;

/**
 * Takes everything of ours off every pod and instance of the fleet, whatever its mode, and looks again until nothing is
 * left: what changed in between is tried anew, and what is refused until a whole round has written nothing.
 */
export async function cleanUp({ fleet, now, wait }: CleanUpOptions): Promise<CleanUp> {
  const writer = new SlowWriter({ fleet, now, writesPerSecond: WRITES_PER_SECOND });
  const pace: Pace = { goesOn: () => true, wait };
  let patientUntil = now() + PATIENCE;
  let cleaned = 0;
  let failures = 0;
  let refusals = 0;
  const isHopeless = () => failures >= MOST_FAILURES_IN_A_ROW || refusals >= MOST_REFUSALS_IN_A_ROW;

  async function clean(carrier: CostCarrier, isPatient: boolean): Promise<void> {
    const decide = () => {
      const snapshot = fleet.snapshot();
      return isPatient && contested(snapshot, now())(carrier) ? null : removalOf(carrier, snapshot);
    };
    const outcome = await writer.write(decide, pace);
    if (outcome !== 'refused') failures = outcome === 'failed' ? failures + 1 : 0;
    refusals = outcome === 'refused' ? refusals + 1 : 0;
    if (outcome !== 'written') return;
    cleaned += 1;
    patientUntil = now() + PATIENCE;
  }

  for (;;) {
    const snapshot = fleet.snapshot();
    const touched = [...carriersIn(snapshot)].filter(isTouched);
    if (touched.length === 0 || isHopeless()) return { cleaned, left: touched.map(namespacedName) };
    const isPatient = now() < patientUntil;
    const isContested = contested(snapshot, now());
    const before = cleaned;
    refusals = 0;
    for (const carrier of touched.filter((one) => !isPatient || !isContested(one))) {
      if (!isHopeless()) await clean(carrier, isPatient);
    }
    if (cleaned === before && refusals === touched.length) return { cleaned, left: touched.map(namespacedName) };
    await wait(BETWEEN_ROUNDS);
  }
}
