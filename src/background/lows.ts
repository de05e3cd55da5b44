import type { Fleet } from '../domain/fleet/fleet.ts';
import { type Lows, type LowsStore, lowsAt, mergeLows } from '../domain/fleet/lows.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { roleId, workloadId } from '../domain/fleet/workload.ts';
import { isScaledItself } from '../workloads/floors.ts';
import { adapterOf } from '../workloads/registry.ts';
import type { Duty } from './duty.ts';

/** Milliseconds between two writes: what the leader has seen since the last is lost when it crashes. */
const SPACING = 900_000;
/** A count beyond this is a slip. */
const MOST = 100_000;

/**
 * Remembers the lowest count of each workload, and of roles that are scaled by themselves, in each quarter of the last
 * days: a forecast of how far it will shrink.
 */
export function rememberingLows(fleet: Fleet, store: LowsStore, now: () => number): Duty {
  let seen: Lows = new Map();
  let publishedAt = Number.NEGATIVE_INFINITY;
  return {
    name: 'remembering the lows of workloads',
    every: 60_000,
    async run() {
      const current = lowsAt(now(), countsOf(fleet.snapshot()));
      seen = mergeLows([store.current() ?? new Map(), seen, current], now());
      // Either way, in case somebody sets the clock back.
      if (Math.abs(now() - publishedAt) < SPACING) return;
      if (await store.publish(seen)) publishedAt = now();
    },
  };
}

function countsOf(snapshot: Snapshot): ReadonlyMap<string, number> {
  const counts = [...snapshot.workloads()].flatMap((workload): readonly (readonly [string, number])[] => {
    if (!isScaledItself(workload, snapshot)) return [];
    const roles = adapterOf(workload).roleOf === undefined ? [] : workload.roles;
    return [
      [workloadId(workload), workload.replicas],
      ...roles.map(({ name, replicas }) => [roleId(workload, name), replicas] as const),
    ];
  });
  return new Map(counts.filter(([, count]) => count >= 0 && count <= MOST));
}
