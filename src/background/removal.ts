import type { CostCarrier } from '../domain/fleet/instance.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type CostRemoval, isTouched } from '../domain/victims/cost-write.ts';
import { carriersOf } from '../domain/victims/pool.ts';
import { currentOf, readerOf } from '../workloads/cost-readers.ts';
import { busyPools } from './in-progress.ts';

/** Everything that carries a cost: pods, and instances in their place. */
export function* carriersIn(snapshot: Snapshot): Iterable<CostCarrier> {
  yield* snapshot.pods();
  yield* snapshot.instances();
}

/** Takes everything of ours off a pod as the snapshot has it; null when there is nothing, or the pod is gone. */
export function removalOf(carrier: CostCarrier, snapshot: Snapshot): CostRemoval | null {
  const pod = currentOf(carrier, snapshot);
  return pod !== undefined && isTouched(pod) ? { pod, to: null, victim: null } : null;
}

/**
 * Tells the pods among which a controller is choosing right now: their costs may decide. For one snapshot at one
 * moment.
 */
export function contestedPods(snapshot: Snapshot, now: number): (pod: CostCarrier) => boolean {
  const known = new Map<string, ReadonlySet<string>>();
  return (pod) => {
    const workload = readerOf(pod, snapshot);
    if (workload === undefined) return false;
    let contested = known.get(workload.uid);
    if (contested === undefined) {
      const candidates = busyPools(workload, snapshot, now).flatMap((pool) => pool.candidates);
      contested = new Set(candidates.flatMap((candidate) => carriersOf(candidate).map(({ uid }) => uid)));
      known.set(workload.uid, contested);
    }
    return contested.has(pod.uid);
  };
}
