import { backOff } from './back-off.ts';
import type { Clock } from './clock.ts';
import { ApiError, isTransient } from './kube-errors.ts';

/**
 * Makes a request again until it succeeds, fails for good, or the next attempt would come after `deadline`
 * (milliseconds since the epoch): then what the last one threw is thrown. Between two it waits as long as the apiserver
 * asks, or backs off.
 */
export async function retrying<T>(
  clock: Clock,
  request: () => Promise<T>,
  deadline: number,
  signal: AbortSignal,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await request();
    } catch (error) {
      const retryAfter = error instanceof ApiError ? error.retryAfter : null;
      // Zero would ask again without end.
      const wait = retryAfter || backOff(failures);
      if (!isTransient(error) || clock.now() + wait > deadline) throw error;
      await clock.delay(wait, signal);
    }
  }
}
