import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Candidate, type Pool, unitOf, writtenCosts } from '../domain/victims/pool.ts';
import type { AdapterOptions } from '../workloads/adapter.ts';
import { adapterOf } from '../workloads/registry.ts';
import type { ScalingPlan } from '../workloads/scaling.ts';

/** Pods, groups or role replicas, as marks name them, with the pods of each. */
export type Units = ReadonlyMap<string, readonly Pod[]>;

/** What a scale-down is to take, and what else there is that it could take. */
export interface Expectation {
  readonly going: Units;
  staying(): Units;
}

/**
 * What the plan says, after whatever its controller is still to take of earlier scale-downs; or, where the plan is not
 * carried out, what the controller takes under the costs as they are. `now` is milliseconds since the epoch.
 */
export function expectationOf(
  plan: ScalingPlan,
  isPlanned: boolean,
  snapshot: Snapshot,
  now: number,
  adapterOptions: AdapterOptions,
): Expectation {
  if (isPlanned) {
    const committed = plan.settled.flatMap(([, constraints]) => constraints.committed);
    const planned = plan.victims.map(({ candidate }) => candidate);
    return expected(
      [...committed, ...planned],
      plan.settled.map(([pool]) => pool),
    );
  }
  const pools = plan.requests.flatMap(
    (request) => adapterOf(request.workload).scale(request, snapshot, now, adapterOptions).pools,
  );
  return expected(
    pools.flatMap((pool) => pool.consumer.victims(pool, pool.wanted, writtenCosts)),
    pools,
  );
}

function expected(taken: readonly Candidate[], pools: readonly Pool[]): Expectation {
  const going = unitsOf(taken);
  const isStaying = (candidate: Candidate) => !going.has(unitOf(candidate));
  const stayingIn = (pool: Pool) => {
    // Whichever of them goes is no surprise.
    const undecided = pool.consumer.undecided?.(pool, pool.wanted).among ?? [];
    return pool.candidates.filter((candidate) => isStaying(candidate) && !undecided.includes(candidate));
  };
  return { going, staying: () => unitsOf(pools.flatMap(stayingIn)) };
}

/** How many pods they have. */
export function sizeOf(units: Units): number {
  let size = 0;
  for (const { length } of units.values()) size += length;
  return size;
}

function unitsOf(candidates: readonly Candidate[]): Units {
  const units = candidates.filter(({ deleting }) => !deleting);
  return new Map(units.map((candidate) => [unitOf(candidate), candidate.pods]));
}
