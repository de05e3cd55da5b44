import type { ConsolidationProblem } from '../domain/planner/problem.ts';

/** What the planner's thread is asked. */
export interface Question {
  readonly id: number;
  readonly problem: ConsolidationProblem;
}

/** What it answers. */
export interface Answer {
  readonly id: number;
  /** The members that go, by index. */
  readonly removed: readonly number[];
}
