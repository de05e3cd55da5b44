import { CodedError } from '../domain/coded-error.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import { areMostlyAhead, type Lows, type LowsStore, lowsAt, mergeLows } from '../domain/fleet/lows.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { roleId, workloadId } from '../domain/fleet/workload.ts';
import { isScaledItself } from '../workloads/floors.ts';
import { adapterOf } from '../workloads/registry.ts';
import type { Duty } from './duty.ts';

/** Milliseconds between two writes: what the leader has seen since the last is lost when it crashes. */
const SPACING = 900_000;
/** A count beyond this is a slip. */
const MOST = 100_000;
const CLOCK_BEHIND =
  'most of the lows in packdown-lows are of days to come, and are left as they are: set the clock of this node, or delete ' +
  'that ConfigMap if the clock of a leader before was ahead';

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
      const kept = store.current() ?? new Map();
      if (areMostlyAhead(kept, now())) throw new CodedError('ClockBehind', CLOCK_BEHIND);
      const current = lowsAt(now(), countsOf(fleet.snapshot()));
      seen = mergeLows([kept, seen, current], now());
      // Either way, in case somebody sets the clock back.
      if (Math.abs(now() - publishedAt) < SPACING) return;
      if (await store.publish(seen)) publishedAt = now();
    },
  };
}

function countsOf(snapshot: Snapshot): ReadonlyMap<string, number> {
  const counts = [...snapshot.workloads()].flatMap((workload): readonly (readonly [string, number])[] => {
    if (!isScaledItself(workload)) return [];
    const roles = adapterOf(workload).roleOf === undefined ? [] : workload.roles;
    return [
      [workloadId(workload), workload.replicas],
      ...roles.map(({ name, replicas }) => [roleId(workload, name), replicas] as const),
    ];
  });
  return new Map(counts.filter(([, count]) => count >= 0 && count <= MOST));
}
