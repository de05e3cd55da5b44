import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither undefined nor false, and returns it.
 * Errors count as "not yet". Throws after `timeout` milliseconds, with the last error as its cause.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { timeout = 120_000, interval = 50 }: { timeout?: number; interval?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeout;
  let cause: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(interval);
  } while (performance.now() < deadline);
  throw new Error(`waited ${timeout} ms in vain for ${what}`, { cause });
}
