import { choose } from '../domain/planner/choose.ts';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import { nestedTargets, type SequentialProblem } from '../domain/planner/sequential.ts';

/** What the thread is asked: who goes, or which nodes are to be free in the end; answered with indices of either. */
export type Question =
  | { readonly asks: 'members'; readonly problem: ConsolidationProblem }
  | { readonly asks: 'targets'; readonly problem: SequentialProblem; readonly lastTarget: readonly number[] };

/** Members that go, ascending; or nodes, the most wanted first. */
export function answer(question: Question): readonly number[] {
  switch (question.asks) {
    case 'members':
      return choose(question.problem);
    case 'targets':
      return [...new Set(nestedTargets(question.problem, question.lastTarget).flat())];
    default:
      return question satisfies never;
  }
}
