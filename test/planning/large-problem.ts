import type { ConsolidationProblem } from '../../src/domain/planner/problem.ts';

/** Groups of two pods over half as many nodes, of which a third is to go: too large to be solved at once. */
export function largeProblem(groups = 60): ConsolidationProblem {
  const nodes = groups / 2;
  return {
    nodeValues: Array.from({ length: nodes }, () => 8),
    members: Array.from({ length: groups }, (_, ordinal) => ({
      pool: 0,
      nodes: [...new Set([ordinal % nodes, (ordinal * 7 + 3) % nodes])],
      keep: 0,
      ordinal,
    })),
    budgets: [groups / 3],
  };
}
