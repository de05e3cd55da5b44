/** Lets at most so many tasks run at the same time, first come, first served. */
export class Turnstile {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Runs a task when its turn comes; null, with nothing run, if the signal aborts before. */
  async pass<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
    if (!(await this.#enter(signal))) return null;
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const enter = () => resolve(true);
    const giveUp = () => {
      this.#waiting.delete(enter);
      resolve(false);
    };
    this.#waiting.add(enter);
    signal.addEventListener('abort', giveUp, { once: true });
    const isIn = await promise;
    signal.removeEventListener('abort', giveUp);
    return isIn;
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
