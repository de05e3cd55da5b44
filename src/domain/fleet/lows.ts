/**
 * The lowest counts of workloads on the last days: by quarter of a day, counted in UTC since the epoch, and by workload
 * id. A day's counts repeat on the next: what a workload will shrink to in some hours is its low at this time of day.
 */
export type Lows = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** Where replicas read the lows, and the leader keeps them. */
export interface LowsStore {
  /** Null while none are known. */
  current(): Lows | null;
  /** For the leader only. Resolves with whether they are kept now. */
  publish(lows: Lows): Promise<boolean>;
}

const QUARTER = 21_600_000;
const QUARTERS_A_DAY = 4;
/** Of a week of whole days, and of the one on which a workload was first seen. */
const QUARTERS = 8 * QUARTERS_A_DAY;

/** The counts of one moment, in milliseconds since the epoch. */
export function lowsAt(now: number, counts: ReadonlyMap<string, number>): Lows {
  return new Map([[quarterOf(now), counts]]);
}

/**
 * The lowest of all, of the last eight days that any of them knows: what is gone for longer is forgotten, and what is
 * yet to come, of which only a clock that was wrong can know. `now` is milliseconds since the epoch.
 */
export function mergeLows(all: readonly Lows[], now: number): Lows {
  const known = new Set(all.flatMap((lows) => [...lows.keys()]));
  const past = [...known].filter((quarter) => quarter <= quarterOf(now));
  const quarters = past.sort((a, b) => a - b).slice(-QUARTERS);
  return new Map(
    quarters.map((quarter) => {
      const lowest = new Map<string, number>();
      for (const lows of all)
        for (const [id, count] of lows.get(quarter) ?? []) lowest.set(id, Math.min(count, lowest.get(id) ?? count));
      return [quarter, lowest];
    }),
  );
}

/** Whether most of the quarters are yet to come: the clock that says so is wrong, or was when they were seen. */
export function areMostlyAhead(lows: Lows, now: number): boolean {
  const ahead = [...lows.keys()].filter((quarter) => quarter > quarterOf(now));
  return ahead.length > lows.size / 2;
}

/**
 * The lowest count of a workload that was seen in the same quarter of a day as now, in milliseconds since the epoch;
 * null where it was seen in no whole one of an earlier day. The quarter in which it was first seen was not whole.
 */
export function lowestSeen(lows: Lows, id: string, now: number): number | null {
  const current = quarterOf(now);
  const [, ...whole] = [...lows.keys()].sort((a, b) => a - b).filter((quarter) => lows.get(quarter)?.has(id));
  const alike = whole.filter((quarter) => (current - quarter) % QUARTERS_A_DAY === 0);
  if (!alike.some((quarter) => quarter < current)) return null;
  return Math.min(...alike.flatMap((quarter) => lows.get(quarter)?.get(id) ?? []));
}

function quarterOf(now: number): number {
  return Math.floor(now / QUARTER);
}
