import type { ConsolidationProblem } from './problem.ts';

/** The members of a problem that go, by index: known at once, or later; null says that no answer came in time. */
export type Choice = readonly number[] | Promise<readonly number[] | null>;

/** Chooses, and takes no longer than `patience` milliseconds for an answer that does not come at once. */
export type Solve = (problem: ConsolidationProblem, patience: number) => Choice;
