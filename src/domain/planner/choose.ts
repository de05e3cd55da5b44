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
  const { ahead } = problem;
  return ahead === undefined ? consolidate(problem).removed : stepTowards(problem, ahead);
}
