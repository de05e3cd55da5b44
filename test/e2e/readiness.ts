import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from './replica.ts';

/** Asks packdown all the while whether it is ready; `end()` tells how often it was asked, and how often it was not. */
export function watchReadiness(packdown: Replica): { end(): Promise<{ asked: number; unready: number }> } {
  const ending = new AbortController();
  const counts = { asked: 0, unready: 0 };
  async function ask(): Promise<void> {
    while (!ending.signal.aborted) {
      const ready = await packdown.ready().catch(() => false);
      counts.asked += 1;
      if (!ready) counts.unready += 1;
      await delay(100, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }
  const asking = ask();
  return {
    end: async () => {
      ending.abort();
      await asking;
      return counts;
    },
  };
}
