import { choose } from './choose.ts';
import { consolidate } from './joint.ts';
import type { ConsolidationProblem } from './problem.ts';

/** A choice, and how good any could be. */
export interface Proof {
  /** Indices of the members that go, ascending. */
  readonly chosen: readonly number[];
  /** No choice of members frees nodes of a higher value. */
  readonly bound: number;
}

/** Chooses as `choose` does, with the bound of `consolidate`. */
export function prove(problem: ConsolidationProblem): Proof {
  const { removed, bound } = consolidate(problem);
  const isChosen = problem.ahead === undefined && problem.spreads === undefined;
  return { chosen: isChosen ? removed : choose(problem), bound };
}
