import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../src/domain/coded-error.ts';
import type { Kind } from './calls.ts';

/** What became of the calls of a kind. */
export interface Outcome {
  /**
   * Milliseconds from when each call was due to its answer: a server that stalls is seen by all that were due
   * meanwhile.
   */
  readonly times: number[];
  errors: number;
}

export interface LoadOptions {
  /** Called one after another, over and over. */
  readonly order: readonly Kind[];
  /** Calls a second, whether those before have been answered or not. */
  readonly rate: number;
  readonly seconds: number;
  /** The answer's body; whatever it throws is an error. */
  ask(path: string, body: string): Promise<string>;
  /** Gets a sentence an error. */
  onError(problem: string): void;
}

/** Calls at a steady rate, and gives the outcomes when the last answer is there. */
export async function playLoad({ order, rate, seconds, ask, onError }: LoadOptions): Promise<Map<Kind, Outcome>> {
  const outcomes = new Map<Kind, Outcome>(order.map((kind) => [kind, { times: [], errors: 0 }]));
  const called = new Map<Kind, number>();
  const open = new Set<Promise<void>>();
  const begin = performance.now();

  async function call(kind: Kind, outcome: Outcome, due: number): Promise<void> {
    const n = called.get(kind) ?? 0;
    called.set(kind, n + 1);
    try {
      const answer = await ask(kind.path, kind.body(n));
      outcome.times.push(performance.now() - due);
      if (!answer.includes(kind.answer)) throw new Error(`answered ${answer.slice(0, 300)}`);
    } catch (error) {
      outcome.errors += 1;
      onError(`${kind.title}: ${messageOf(error)}`);
    }
  }

  for (let n = 0; n < seconds * rate; n += 1) {
    const due = begin + (n * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await setTimeout(wait);
    const kind = order[n % order.length];
    const outcome = kind && outcomes.get(kind);
    if (kind === undefined || outcome === undefined) continue;
    const calling = call(kind, outcome, due);
    open.add(calling);
    void calling.then(() => open.delete(calling));
  }
  await Promise.all(open);
  return outcomes;
}
