import { nestedWalk } from './nested-walk.ts';
import type { Ahead, ConsolidationProblem } from './problem.ts';
import { progress } from './progress.ts';
import { Removal } from './removal.ts';
import { type SearchOptions, search } from './search.ts';
import { searchWithin } from './search-within.ts';

/** A request waits for it. */
const SHORT: SearchOptions = { steps: 1000, priceSteps: 50 };

/**
 * Spends the budgets on a job that later steps go on with ("forecast and nested"; `nestedTargets` makes the sets):
 *
 * 1. The nodes of the target set that the budgets of several pools free together now; then the walk through it, the
 *    deepest nested first (`nestedWalk`).
 * 2. What is left of the budgets makes progress on the nodes that K_w = max(outlook_w, budget_w) could free
 *    (`progress`).
 *
 * Nodes that could be free now but are not in the target set wait: to hurry costs more than it brings. Only what a pool
 * loses beyond its outlook was not counted on when the set was made: then what the rest of the budgets frees alone goes
 * before 2. Needs only the nodes that hold members of the pools with a budget, and who else is on them.
 * Returns the members that go, ascending: every pool loses its budget, or all its members if they are fewer.
 */
export function stepTowards(problem: ConsolidationProblem, { outlook, sets }: Ahead): readonly number[] {
  const removal = new Removal(problem);
  const wanted = [...new Set(sets.flat())];
  const remove = (members: readonly number[]) => {
    for (const member of members) removal.remove(member);
  };
  if (removal.open().length > 1) {
    const options = { ...SHORT, nearby: wanted.length > 0 };
    const known = { ...problem, warmStart: wanted };
    remove(searchWithin(known, wanted, problem.budgets, (inner) => search(inner, options)).needed);
  }
  nestedWalk(removal, sets);
  const isForeseen = problem.budgets.every((budget, pool) => budget <= (outlook[pool] ?? 0));
  if (!isForeseen && removal.open().length > 0) remove(freedAtOnce(removal));
  progress(
    removal,
    problem.budgets.map((budget, pool) => Math.max(budget, outlook[pool] ?? 0)),
  );
  return removal.removed();
}

/** The members that must go for the nodes that the rest of the budgets frees. */
function freedAtOnce(removal: Removal): readonly number[] {
  const { problem, left } = removal;
  const origins = problem.budgets.flatMap((_, pool) => removal.staying(pool));
  const members = origins.flatMap((index) => problem.members[index] ?? []);
  const nodes = [...new Set(members.flatMap((member) => member.nodes))].sort((a, b) => a - b);
  const rest = { ...problem, members, warmStart: [] };
  const { needed } = searchWithin(rest, nodes, left, (inner) => search(inner, SHORT));
  return needed.flatMap((index) => origins[index] ?? []);
}
