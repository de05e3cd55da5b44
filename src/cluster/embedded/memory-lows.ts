import type { Lows, LowsStore } from '../../domain/fleet/lows.ts';

/** The lows seen of a fleet in memory. */
export class MemoryLows implements LowsStore {
  #current: Lows | null = null;

  current(): Lows | null {
    return this.#current;
  }

  async publish(lows: Lows): Promise<boolean> {
    this.#current = lows;
    return true;
  }
}
