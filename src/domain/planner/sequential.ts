import { nestedWalk } from './nested-walk.ts';
import type { ConsolidationProblem } from './problem.ts';
import { progress } from './progress.ts';
import { Removal } from './removal.ts';
import { type Found, type SearchOptions, search } from './search.ts';

/** The whole live fleet: members of every pool, and as budgets what this request takes (0 where it takes nothing). */
export interface SequentialProblem extends ConsolidationProblem {
  /** How many members each pool will lose in the end: its size less its floor. */
  readonly outlook: readonly number[];
}

export interface Step {
  /** Indices of the members that go, ascending: every pool loses its budget, or all its members if they are fewer. */
  readonly removed: readonly number[];
  /** The nodes to be free in the end, the most wanted first: the target set of the next step. */
  readonly target: readonly number[];
}

/** Effort: for the target set when there is none yet and when there is one, and for what is nested in it. */
const WARM: SearchOptions = { steps: 3000, priceSteps: 50, nearby: true };
const NESTED: SearchOptions = { steps: 1000, priceSteps: 50 };

/**
 * Chooses the members that go now so that the steps to come can finish the job ("forecast and nested"):
 *
 * 1. K_w = max(outlook_w, budget_w): what each pool will have lost in the end.
 * 2. S = the nodes that K frees, starting from the last target set; S1 = those of S that ⌈K/2⌉ frees; S2 = those of S1
 *    that ⌈K/4⌉ frees, a requested pool's share being no less than its budget.
 * 3. The nodes of S that the budgets can free now; then the walk through S, the deepest nested first (`nestedWalk`).
 * 4. What is left of the budgets makes progress on the nodes that K could free (`progress`).
 *
 * Nodes that could be free now but are not in S wait: to hurry costs more than it brings. Deterministic.
 */
export function consolidateNext(problem: SequentialProblem, lastTarget: readonly number[] = []): Step {
  const { budgets } = problem;
  const ends = problem.outlook.map((count, pool) => Math.max(0, count, budgets[pool] ?? 0));
  const share = (part: number) =>
    ends.map((count, pool) =>
      budgets[pool] === 0 ? Math.ceil(count * part) : Math.max(budgets[pool] ?? 0, Math.ceil(count * part)),
    );

  const effort = lastTarget.length === 0 ? {} : WARM;
  const target = search({ ...problem, budgets: ends }, { ...effort, warmStart: lastTarget }).freed;
  const half = searchWithin(problem, target, share(1 / 2), lastTarget).freed;
  const quarter = searchWithin(problem, half, share(1 / 4), lastTarget).freed;

  const removal = new Removal(problem);
  if (removal.open().length > 1)
    for (const member of searchWithin(problem, target, budgets, lastTarget).needed) removal.remove(member);
  nestedWalk(removal, [quarter, half, target]);
  progress(removal, ends);
  return { removed: removal.removed(), target: [...new Set([...quarter, ...half, ...target])] };
}

/** The same search with only some nodes to free, and only the members that are on one of them. */
function searchWithin(
  problem: ConsolidationProblem,
  nodes: readonly number[],
  budgets: readonly number[],
  lastTarget: readonly number[],
): Found {
  const numbers = new Map(nodes.map((node, index) => [node, index]));
  const origins: number[] = [];
  const members = problem.members.flatMap((member, index) => {
    const inside = member.nodes.flatMap((node) => numbers.get(node) ?? []);
    if (inside.length === 0) return [];
    origins.push(index);
    return [{ ...member, nodes: inside }];
  });
  const nodeValues = nodes.map((node) => problem.nodeValues[node] ?? 0);
  const warmStart = lastTarget.flatMap((node) => numbers.get(node) ?? []);
  const found = search({ nodeValues, members, budgets }, { ...NESTED, warmStart, nearby: warmStart.length > 0 });
  return {
    ...found,
    needed: found.needed.flatMap((index) => origins[index] ?? []),
    freed: found.freed.flatMap((index) => nodes[index] ?? []),
  };
}
