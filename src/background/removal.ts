import { type CostRemoval, isTouched } from '../domain/fleet/cost-write.ts';
import type { CostCarrier } from '../domain/fleet/instance.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { carriersOf } from '../domain/victims/pool.ts';
import { currentOf, readerOf } from '../workloads/cost-readers.ts';
import { busyPools } from './in-progress.ts';

/** Everything that carries a cost: pods, and instances in their place. */
export function* carriersIn(snapshot: Snapshot): Iterable<CostCarrier> {
  yield* snapshot.pods();
  yield* snapshot.instances();
}

/** Takes everything of ours off a carrier as the snapshot has it; null when there is nothing, or it is gone. */
export function removalOf(carrier: CostCarrier, snapshot: Snapshot): CostRemoval | null {
  const current = currentOf(carrier, snapshot);
  return current !== undefined && isTouched(current) ? { carrier: current, to: null, victim: null } : null;
}

/**
 * Tells the carriers among which a controller is choosing right now: their costs may decide. For one snapshot at one
 * moment.
 */
export function contested(snapshot: Snapshot, now: number): (carrier: CostCarrier) => boolean {
  const known = new Map<string, ReadonlySet<string>>();
  return (carrier) => {
    const workload = readerOf(carrier, snapshot);
    if (workload === undefined) return false;
    let uids = known.get(workload.uid);
    if (uids === undefined) {
      const candidates = busyPools(workload, snapshot, now).flatMap((pool) => pool.candidates);
      uids = new Set(candidates.flatMap((candidate) => carriersOf(candidate).map(({ uid }) => uid)));
      known.set(workload.uid, uids);
    }
    return uids.has(carrier.uid);
  };
}
