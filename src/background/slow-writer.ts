import type { FleetWrite } from '../domain/fleet/cost-write.ts';
import type { Fleet, WriteOutcome } from '../domain/fleet/fleet.ts';
import type { CostCarrier } from '../domain/fleet/instance.ts';
import type { Pace } from './duty.ts';

export interface SlowWriterOptions {
  readonly fleet: Fleet;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly writesPerSecond: number;
}

/** How many of several writes were written, and how many refused. */
export interface Tally {
  readonly written: number;
  readonly refused: number;
}

/** Milliseconds that one write may take. */
const WRITE_WITHIN = 5000;

/** After so many in a row the next would be refused as well. */
const MOST_REFUSALS_IN_A_ROW = 5;
const MOST_REMEMBERED = 10_000;

/** Writes that can wait: one after another, so many a second for all who share it. */
export class SlowWriter {
  readonly #options: SlowWriterOptions;
  #nextAt = Number.NEGATIVE_INFINITY;
  /** Whose writes were refused when they were last tried, by uid. */
  readonly #refused = new Set<string>();

  constructor(options: SlowWriterOptions) {
    this.#options = options;
  }

  /**
   * Waits for its turn and asks for the write only then, for what was right before the wait may be wrong after it. Null
   * when there is nothing to write any more, or the pace does not go on.
   */
  async write(decide: () => FleetWrite | null, pace: Pace): Promise<WriteOutcome | null> {
    const { fleet, now, writesPerSecond } = this.#options;
    await this.#turn(pace, 1000 / writesPerSecond);
    const write = pace.goesOn() ? decide() : null;
    if (write === null) return null;
    const [outcome = 'failed'] = await fleet.write([write], now() + WRITE_WITHIN);
    return outcome;
  }

  /**
   * Writes to one after another what `decide` says in its turn, until so many are written, something fails, or the pace
   * does not go on. One that is refused keeps nobody waiting: it comes last the next time.
   */
  async writeEach(
    carriers: Iterable<CostCarrier>,
    decide: (carrier: CostCarrier) => FleetWrite | null,
    pace: Pace,
    most = Number.POSITIVE_INFINITY,
  ): Promise<Tally> {
    let written = 0;
    let refused = 0;
    let inARow = 0;
    for (const carrier of this.#refusedLast(carriers)) {
      if (written >= most || inARow >= MOST_REFUSALS_IN_A_ROW || !pace.goesOn()) break;
      const outcome = await this.write(() => decide(carrier), pace);
      if (outcome === 'failed') break;
      if (outcome === 'written') written += 1;
      if (outcome === 'refused') refused += 1;
      if (outcome !== null) inARow = outcome === 'refused' ? inARow + 1 : 0;
      this.#remember(carrier, outcome === 'refused');
    }
    return { written, refused };
  }

  #refusedLast(carriers: Iterable<CostCarrier>): readonly CostCarrier[] {
    const all = [...carriers];
    const wasRefused = ({ uid }: CostCarrier) => this.#refused.has(uid);
    return [...all.filter((carrier) => !wasRefused(carrier)), ...all.filter(wasRefused)];
  }

  #remember({ uid }: CostCarrier, isRefused: boolean): void {
    this.#refused.delete(uid);
    if (!isRefused) return;
    this.#refused.add(uid);
    const [oldest] = this.#refused;
    if (this.#refused.size > MOST_REMEMBERED && oldest !== undefined) this.#refused.delete(oldest);
  }

  async #turn({ wait }: Pace, spacing: number): Promise<void> {
    const { now } = this.#options;
    // Never longer than a queue of a second, should somebody set the clock back.
    const at = Math.min(Math.max(now(), this.#nextAt), now() + 1000);
    this.#nextAt = at + spacing;
    if (at > now()) await wait(at - now());
  }
}
