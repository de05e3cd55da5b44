import { choose } from '../domain/planner/choose.ts';
import { nestedTargets } from '../domain/planner/nested-targets.ts';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import { prove } from '../domain/planner/prove.ts';

/** What the thread is asked: who goes, that and how good it is, or which nodes are to be free in the end. */
export interface Question {
  readonly asks: 'members' | 'proof' | 'targets';
  readonly problem: ConsolidationProblem;
}

export interface Answer {
  /** Members that go, ascending; or nodes, the most wanted first. */
  readonly chosen: readonly number[];
  /** No choice of members frees nodes of a higher value; infinite where no proof was asked for. */
  readonly bound: number;
}

export function answer({ asks, problem }: Question): Answer {
  switch (asks) {
    case 'members':
      return unproved(choose(problem));
    case 'proof':
      return prove(problem);
    case 'targets':
      return unproved([...new Set(nestedTargets(problem).flat())]);
    default:
      return asks satisfies never;
  }
}

function unproved(chosen: readonly number[]): Answer {
  return { chosen, bound: Number.POSITIVE_INFINITY };
}
