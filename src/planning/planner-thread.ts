import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../domain/coded-error.ts';
import { choose } from '../domain/planner/choose.ts';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import { prove } from '../domain/planner/prove.ts';
import type { Choice } from '../domain/planner/solve.ts';
import type { Prove } from './complete-proven.ts';
import type { Answer, Question } from './question.ts';

/**
 * Problems up to this size, in nodes over all members, are solved at once. Of 1,000 random ones (4 to 80 nodes, one
 * workload or many) 95 % up to this size took less than 5 ms and none more than 10; at twice the size a third took
 * more.
 */
const SMALL = 50;

/** As TypeScript in a checkout, as JavaScript in the package: whatever this file is. */
const THREAD = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url);

/**
 * Milliseconds after which a thread hangs. The largest problem that we know, a first target set for all workloads of
 * 5,000 nodes, takes two seconds; nobody waits this long for an answer, and on a busy machine a thread may take seconds
 * to start.
 */
const HANGS_AFTER = 10_000;

interface Asked {
  readonly question: Question;
  /** Once only: what comes later is too late. */
  readonly answer: (answer: Answer | null) => void;
}

export interface PlannerThreadOptions {
  /** Told whenever the thread is of no use, and why. */
  readonly onTrouble: (problem: string) => void;
  /** Starts the thread; another one in tests. */
  readonly start?: () => Worker;
  readonly hangsAfter?: number;
  /**
   * The most megabytes that its objects may take; with more it ends, which is trouble. As many as V8 likes if not told.
   */
  readonly mostMemory?: number;
  /** Whether it ends as soon as nobody waits, so that its memory is free again: the next question starts another. */
  readonly endsWhenIdle?: boolean;
}

/**
 * Answers questions about large problems in a thread of its own, one after another, so that other requests are answered
 * meanwhile. A thread that crashes, hangs or cannot be started answers null, and the next question starts another.
 */
export class PlannerThread {
  readonly #onTrouble: (problem: string) => void;
  readonly #start: () => Worker;
  readonly #hangsAfter: number;
  readonly #endsWhenIdle: boolean;
  readonly #waiting = new Set<Asked>();
  #worker: Worker | null = null;
  /** What the thread is thinking about, and until when. */
  #current: { readonly asked: Asked; readonly timer: NodeJS.Timeout } | null = null;

  constructor({ onTrouble, start, hangsAfter = HANGS_AFTER, mostMemory, endsWhenIdle = false }: PlannerThreadOptions) {
    const limits = mostMemory === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: mostMemory } };
    this.#onTrouble = onTrouble;
    this.#start = start ?? (() => new Worker(THREAD, limits));
    this.#hangsAfter = hangsAfter;
    this.#endsWhenIdle = endsWhenIdle;
  }

  /** As Solve has it: small problems are solved at once. */
  readonly solve = (problem: ConsolidationProblem, patience: number): Choice =>
    isSmall(problem) ? choose(problem) : this.#ask({ asks: 'members', problem }, patience).then(chosenIn);

  /** Chooses, and proves how good that is: small problems at once. Null says that no answer came in time. */
  readonly prove: Prove = (problem) =>
    isSmall(problem) ? prove(problem) : this.#ask({ asks: 'proof', problem }, this.#hangsAfter);

  /** Looks for the nodes to be free in the end, the most wanted first; null says that no answer came in time. */
  readonly findTargets = async (problem: ConsolidationProblem): Promise<readonly number[] | null> =>
    chosenIn(await this.#ask({ asks: 'targets', problem }, this.#hangsAfter));

  /** Ends the thread; questions that are open are answered null. */
  async close(): Promise<void> {
    const worker = this.#worker;
    for (const { answer } of this.#waiting) answer(null);
    this.#waiting.clear();
    this.#drop();
    await worker?.terminate();
  }

  async #ask(question: Question, patience: number): Promise<Answer | null> {
    if (patience <= 0) return null;
    const { promise, resolve } = Promise.withResolvers<Answer | null>();
    const asked = { question, answer: resolve };
    // Nobody thinks about what nobody waits for any more.
    const timer = setTimeout(() => {
      this.#waiting.delete(asked);
      resolve(null);
    }, patience);
    this.#waiting.add(asked);
    this.#next();
    return promise.finally(() => clearTimeout(timer));
  }

  #next(): void {
    const [asked] = this.#waiting;
    if (this.#current !== null || asked === undefined) return;
    this.#waiting.delete(asked);
    const worker = this.#running();
    if (worker === null) {
      asked.answer(null);
      this.#next();
      return;
    }
    const hang = () => this.#lose(worker, `has not answered for ${this.#hangsAfter} ms`);
    this.#current = { asked, timer: setTimeout(hang, this.#hangsAfter) };
    worker.postMessage(asked.question);
  }

  #running(): Worker | null {
    if (this.#worker !== null) return this.#worker;
    try {
      const worker = this.#start();
      worker.unref();
      worker.on('message', (answer: Answer) => this.#answered(worker, answer));
      worker.on('error', (error) => this.#lose(worker, `failed: ${messageOf(error)}`));
      worker.on('exit', () => this.#lose(worker, 'ended'));
      this.#worker = worker;
    } catch (error) {
      this.#onTrouble(`the planner's thread cannot be started: ${messageOf(error)}`);
    }
    return this.#worker;
  }

  #answered(worker: Worker, answer: Answer): void {
    if (worker !== this.#worker) return;
    this.#over(answer);
    this.#next();
    if (this.#current !== null || !this.#endsWhenIdle) return;
    this.#worker = null;
    void worker.terminate();
  }

  #lose(worker: Worker, what: string): void {
    if (worker !== this.#worker) return;
    this.#onTrouble(`the planner's thread ${what}; another is started`);
    this.#drop();
    void worker.terminate();
    this.#next();
  }

  #drop(): void {
    this.#worker = null;
    this.#over(null);
  }

  #over(answer: Answer | null): void {
    clearTimeout(this.#current?.timer);
    this.#current?.asked.answer(answer);
    this.#current = null;
  }
}

function isSmall({ members }: ConsolidationProblem): boolean {
  return members.reduce((sum, { nodes }) => sum + nodes.length, 0) <= SMALL;
}

function chosenIn(answer: Answer | null): readonly number[] | null {
  return answer?.chosen ?? null;
}
