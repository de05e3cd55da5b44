import { consolidate } from './joint.ts';
import type { ConsolidationProblem } from './problem.ts';
import { withinSpread } from './spread.ts';
import { stepTowards } from './step.ts';

/**
 * The members that go: a step towards what is ahead, or all that can be freed now where nothing is known of it; within
 * what is declared of their spread.
 */
export function choose(problem: ConsolidationProblem): readonly number[] {
  return withinSpread(problem, chooseFreely);
}

function chooseFreely(problem: ConsolidationProblem): readonly number[] {
  const { members, ahead } = problem;
  if (members.length === 0) return [];
  return ahead === undefined ? consolidate(problem).removed : stepTowards(problem, ahead);
}
