import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { consolidate } from '../domain/planner/joint.ts';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import type { Choice } from '../domain/planner/solve.ts';
import type { Answer, Question } from './questions.ts';

/**
 * Problems up to this size, in nodes over all members, are solved at once. Of 1,000 random ones (4 to 80 nodes, one
 * workload or many) 95 % up to this size took less than 5 ms and none more than 10; at twice the size a third took more.
 */
const SMALL = 50;

/** As TypeScript in a checkout, as JavaScript in the package: whatever this file is. */
const THREAD = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url);

interface Waiting {
  readonly resolve: (removed: readonly number[] | null) => void;
  readonly timer: NodeJS.Timeout;
}

export interface PlannerThreadOptions {
  /** Told whenever the thread is of no use, and why. */
  readonly onTrouble: (problem: string) => void;
  /** Starts the thread; another one in tests. */
  readonly start?: () => Worker;
}

/**
 * Solves large problems in a thread of its own, so that other requests are answered meanwhile. A thread that crashes,
 * hangs or cannot be started answers null, and the next question starts another.
 */
export class PlannerThread {
  readonly #onTrouble: (problem: string) => void;
  readonly #start: () => Worker;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #asked = 0;
  /** The last question that was answered: they are answered in order. */
  #answered = 0;

  constructor({ onTrouble, start = () => new Worker(THREAD) }: PlannerThreadOptions) {
    this.#onTrouble = onTrouble;
    this.#start = start;
  }

  /** As Solve has it: small problems are solved at once. */
  readonly solve = (problem: ConsolidationProblem, patience: number): Choice => {
    const size = problem.members.reduce((sum, { nodes }) => sum + nodes.length, 0);
    return size <= SMALL ? consolidate(problem).removed : this.#ask(problem, patience);
  };

  /** Ends the thread; questions that are open are answered null. */
  async close(): Promise<void> {
    await this.#end();
  }

  async #ask(problem: ConsolidationProblem, patience: number): Promise<readonly number[] | null> {
    const worker = patience > 0 ? this.#running() : null;
    if (worker === null) return null;
    this.#asked += 1;
    const question: Question = { id: this.#asked, problem };
    const { promise, resolve } = Promise.withResolvers<readonly number[] | null>();
    const timer = setTimeout(() => this.#giveUp(question.id, this.#answered, patience), patience);
    this.#waiting.set(question.id, { resolve, timer });
    worker.postMessage(question);
    return promise;
  }

  #running(): Worker | null {
    if (this.#worker !== null) return this.#worker;
    try {
      const worker = this.#start();
      worker.unref();
      worker.on('message', ({ id, removed }: Answer) => {
        this.#answered = id;
        this.#settle(id, removed);
      });
      worker.on('error', (error) => this.#lose(worker, `failed: ${error instanceof Error ? error.message : error}`));
      worker.on('exit', () => this.#lose(worker, 'ended'));
      this.#worker = worker;
    } catch (error) {
      this.#onTrouble(`the planner's thread cannot be started: ${error instanceof Error ? error.message : error}`);
    }
    return this.#worker;
  }

  /** A thread that has answered others meanwhile is only busy. */
  #giveUp(id: number, answeredBefore: number, patience: number): void {
    this.#settle(id, null);
    if (this.#answered > answeredBefore || this.#worker === null) return;
    this.#onTrouble(`the planner's thread has not answered within ${Math.round(patience)} ms; another is started`);
    void this.#end();
  }

  #lose(worker: Worker, what: string): void {
    if (worker !== this.#worker) return;
    this.#onTrouble(`the planner's thread ${what}; another is started`);
    void this.#end();
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, null);
    await worker?.terminate();
  }

  #settle(id: number, removed: readonly number[] | null): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    waiting.resolve(removed);
  }
}
