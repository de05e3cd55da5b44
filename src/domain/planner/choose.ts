import { consolidate } from './joint.ts';
import type { ConsolidationProblem } from './problem.ts';
import { stepTowards } from './step.ts';

/** The members that go: a step towards what is ahead, or all that can be freed now where nothing is known of it. */
export function choose(problem: ConsolidationProblem): readonly number[] {
  const { ahead } = problem;
  return ahead === undefined ? consolidate(problem).removed : stepTowards(problem, ahead);
}
