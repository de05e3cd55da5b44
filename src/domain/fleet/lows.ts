/** The lowest counts of workloads on the last days: by day, counted in UTC since the epoch, and by workload id. */
export type Lows = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** Where replicas read the lows, and the leader keeps them. */
export interface LowsStore {
  /** Null while none are known. */
  current(): Lows | null;
  /** For the leader only. */
  publish(lows: Lows): Promise<void>;
}

const DAY = 86_400_000;
/** A week of whole days, and the one on which a workload was first seen. */
const DAYS = 8;

/** The counts of one moment, in milliseconds since the epoch. */
export function lowsAt(now: number, counts: ReadonlyMap<string, number>): Lows {
  return new Map([[Math.floor(now / DAY), counts]]);
}

/** The lowest of all, of the last eight days that any of them knows: what is gone for longer is forgotten. */
export function mergeLows(all: readonly Lows[]): Lows {
  const days = [...new Set(all.flatMap((lows) => [...lows.keys()]))].sort((a, b) => a - b).slice(-DAYS);
  return new Map(
    days.map((day) => {
      const lowest = new Map<string, number>();
      for (const lows of all)
        for (const [id, count] of lows.get(day) ?? []) lowest.set(id, Math.min(count, lowest.get(id) ?? count));
      return [day, lowest];
    }),
  );
}

/**
 * The lowest count of a workload that was seen; null before it was seen for a whole day, or where the last time is
 * longer ago than the lows are kept. The day on which it was first seen was not whole.
 */
export function lowestSeen(lows: Lows, id: string): number | null {
  const counts = [...lows.keys()].sort((a, b) => a - b).flatMap((day) => lows.get(day)?.get(id) ?? []);
  return counts.length < 3 ? null : Math.min(...counts.slice(1));
}
