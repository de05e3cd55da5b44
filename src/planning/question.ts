import { choose } from '../domain/planner/choose.ts';
import { nestedTargets } from '../domain/planner/nested-targets.ts';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import { prove } from '../domain/planner/prove.ts';

/** What the thread is asked: who goes, that and how good it is, or which nodes are to be free in the end. */
export type Question =
  | { readonly asks: 'members' | 'proof'; readonly problem: ConsolidationProblem }
  | { readonly asks: 'targets'; readonly problem: ConsolidationProblem; readonly lastTarget: readonly number[] };

export interface Answer {
  /** Members that go, ascending; or nodes, the most wanted first. */
  readonly chosen: readonly number[];
  /** No choice of members frees nodes of a higher value; infinite where no proof was asked for. */
  readonly bound: number;
}

export function answer(question: Question): Answer {
  switch (question.asks) {
    case 'members':
      return unproved(choose(question.problem));
    case 'proof':
      return prove(question.problem);
    case 'targets':
      return unproved([...new Set(nestedTargets(question.problem, question.lastTarget).flat())]);
    default:
      return question satisfies never;
  }
}

function unproved(chosen: readonly number[]): Answer {
  return { chosen, bound: Number.POSITIVE_INFINITY };
}
