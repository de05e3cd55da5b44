import type { Logger } from 'pino';
import { describeSilence, isSilent } from '../domain/fleet/silence.ts';

/** Tells the log when a silence of the fleet begins and when it is over, not what happens in between. */
export class SilenceLog {
  readonly #log: Logger;
  #isSilent = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `staleness` is what the fleet says of itself now. */
  check(staleness: number | null): void {
    const wasSilent = this.#isSilent;
    this.#isSilent = isSilent(staleness);
    if (this.#isSilent && !wasSilent) {
      this.#log.warn(`${describeSilence(staleness)}: until it is, nothing is refused by what it says`);
    }
    if (!this.#isSilent && wasSilent) this.#log.info('the fleet is heard of again');
  }
}
