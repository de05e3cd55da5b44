/** How much may be done at once, and how soon again. */
export interface Rate {
  readonly atOnce: number;
  /** Milliseconds until one more may be done. */
  readonly oneMoreEvery: number;
}

/** For lines of the log about what comes again and again: a flood of it is to be no flood of the log. */
export const ONCE_A_MINUTE: Rate = { atOnce: 1, oneMoreEvery: 60_000 };

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
