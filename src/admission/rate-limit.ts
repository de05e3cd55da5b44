/** How much may be done at once, and how soon again. */
export interface Rate {
  readonly atOnce: number;
  /** Milliseconds until one more may be done. */
  readonly oneMoreEvery: number;
}

/**
 * How often one workload may be steered by callers who have not shown who they are. HPA changes a workload every 15 s
 * at most, and one that is marked already is steered again without a write, which does not count: ten at once leave
 * room for people, and one more every 6 s holds whoever forges reviews to ten plans a minute.
 */
export const UNPROVEN_CALLERS: Rate = { atOnce: 10, oneMoreEvery: 6_000 };

/** A token bucket for every key. It reads no clock: times are milliseconds since the epoch. */
export class RateLimit {
  readonly #rate: Rate;
  /** When each bucket that is not full will be. */
  readonly #full = new Map<string, number>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Whether it may be done now; if so, it counts. */
  take(key: string, now: number): boolean {
    this.#forget(now);
    const empty = now + this.#rate.atOnce * this.#rate.oneMoreEvery;
    // A clock that was set back leaves a bucket empty, not emptier than that.
    const full = Math.min(this.#full.get(key) ?? now, empty);
    const isTaken = full + this.#rate.oneMoreEvery <= empty;
    this.#full.set(key, isTaken ? full + this.#rate.oneMoreEvery : full);
    return isTaken;
  }

  #forget(now: number): void {
    for (const [key, full] of this.#full) if (full <= now) this.#full.delete(key);
  }
}
