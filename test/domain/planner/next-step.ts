import { nestedTargets } from '../../../src/domain/planner/nested-targets.ts';
import type { ConsolidationProblem } from '../../../src/domain/planner/problem.ts';
import { stepTowards } from '../../../src/domain/planner/step.ts';

/** What one request takes of a fleet, and how many members each pool will lose in the end. */
export interface StepProblem extends ConsolidationProblem {
  readonly outlook: readonly number[];
}

export interface NextStep {
  readonly removed: readonly number[];
  /** The target set of the step after it. */
  readonly target: readonly number[];
}

/** A look ahead and a step towards what it finds, which packdown makes at different times. */
export function nextStep({ outlook, ...problem }: StepProblem, lastTarget: readonly number[] = []): NextStep {
  const ends = outlook.map((count, pool) => Math.max(count, problem.budgets[pool] ?? 0));
  const sets = nestedTargets({ ...problem, budgets: ends, warmStart: lastTarget });
  return { removed: stepTowards(problem, { outlook: ends, sets }), target: [...new Set(sets.flat())] };
}
