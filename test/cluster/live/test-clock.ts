import type { Clock } from '../../../src/cluster/live/clock.ts';

interface Sleeper {
  readonly due: number;
  readonly milliseconds: number;
  wake(): void;
}

/** A clock that only moves when the test says so. */
export class TestClock implements Clock {
  #now = Date.parse('2026-01-02T03:04:05.000Z');
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#now;
  }

  delay(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper: Sleeper = {
      due: this.#now + milliseconds,
      milliseconds,
      wake: () => {
        this.#sleepers.delete(sleeper);
        resolve();
      },
    };
    this.#sleepers.add(sleeper);
    signal.addEventListener('abort', () => sleeper.wake(), { once: true });
    return promise;
  }

  /** The delays that somebody is waiting for, in milliseconds. */
  sleeping(): readonly number[] {
    return [...this.#sleepers].map(({ milliseconds }) => milliseconds);
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const sleeper of [...this.#sleepers]) if (sleeper.due <= this.#now) sleeper.wake();
  }
}
