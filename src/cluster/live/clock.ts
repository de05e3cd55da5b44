import { setTimeout } from 'node:timers/promises';

/** Longer delays would overflow Node's timers and fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Time as the live fleet sees it, so that tests need no real waiting. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  delay(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  delay: (milliseconds, signal) =>
    setTimeout(Math.min(milliseconds, LONGEST_DELAY), undefined, { signal }).catch(() => undefined),
};

/** Runs `work` with a signal that aborts at `deadline` (milliseconds since the epoch). */
export async function beforeDeadline<T>(
  clock: Clock,
  deadline: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  void clock
    .delay(Math.max(0, deadline - clock.now()), done.signal)
    .then(() => over.abort(new Error('the deadline passed before an answer came')));
  try {
    return await work(over.signal);
  } finally {
    done.abort();
  }
}
