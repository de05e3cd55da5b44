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
  /** How many of these: all, but where some are equal to their controller. */
  readonly count: number;
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
  const taken = new Map(pools.map((pool) => [pool, pool.consumer.victims(pool, pool.wanted, writtenCosts)]));
  return expected(
    [...taken.values()].flat(),
    pools,
    [...taken].flatMap(([pool, ofPool]) => alikeOf(pool, ofPool)),
  );
}

/** What stays and could as well go in the place of the last that goes. */
function alikeOf(pool: Pool, taken: readonly Candidate[]): readonly Candidate[] {
  const { consumer } = pool;
  const last = taken.at(-1);
  if (!consumer.readsCosts || consumer.areEqual === undefined || last === undefined) return [];
  const going = new Set(taken);
  return pool.candidates.filter((candidate) => !going.has(candidate) && consumer.areEqual?.(last, candidate, pool));
}

function expected(taken: readonly Candidate[], pools: readonly Pool[], alike: readonly Candidate[] = []): Expectation {
  const going = unitsOf([...taken, ...alike]);
  const isStaying = (candidate: Candidate) => !going.has(unitOf(candidate));
  const stayingIn = (pool: Pool) => {
    // Whichever of them goes is no surprise.
    const undecided = pool.consumer.undecided?.(pool, pool.wanted).among ?? [];
    return pool.candidates.filter((candidate) => isStaying(candidate) && !undecided.includes(candidate));
  };
  return { going, count: unitsOf(taken).size, staying: () => unitsOf(pools.flatMap(stayingIn)) };
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
