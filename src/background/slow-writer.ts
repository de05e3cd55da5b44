import type { Fleet, WriteOutcome } from '../domain/fleet/fleet.ts';
import type { PodWrite } from '../domain/victims/cost-write.ts';
import type { Pace } from './duty.ts';

export interface SlowWriterOptions {
  readonly fleet: Fleet;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly writesPerSecond: number;
}

/** Milliseconds that one write may take. */
const WRITE_WITHIN = 5000;

/** Writes that can wait: one after another, so many a second for all who share it. */
export class SlowWriter {
  readonly #options: SlowWriterOptions;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(options: SlowWriterOptions) {
    this.#options = options;
  }

  /**
   * Waits for its turn and asks for the write only then, for what was right before the wait may be wrong after it. Null
   * when there is nothing to write any more, or the pace does not go on.
   */
  async write(decide: () => PodWrite | null, pace: Pace): Promise<WriteOutcome | null> {
    const { fleet, now, writesPerSecond } = this.#options;
    await this.#turn(pace, 1000 / writesPerSecond);
    const write = pace.goesOn() ? decide() : null;
    if (write === null) return null;
    const [outcome = 'failed'] = await fleet.write([write], now() + WRITE_WITHIN);
    return outcome;
  }

  async #turn({ wait }: Pace, spacing: number): Promise<void> {
    const { now } = this.#options;
    // Never longer than a queue of a second, should somebody set the clock back.
    const at = Math.min(Math.max(now(), this.#nextAt), now() + 1000);
    this.#nextAt = at + spacing;
    if (at > now()) await wait(at - now());
  }
}
