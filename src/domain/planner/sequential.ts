import type { ConsolidationProblem } from './problem.ts';
import { keep } from './quick-search.ts';
import { type SearchOptions, search } from './search.ts';
import { searchWithin } from './search-within.ts';
import { stepTowards } from './step.ts';
import { beyondWarm } from './warm.ts';

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

/** The first target set takes longer than a joint plan: the steps to come are as good as it is. */
const FIRST: SearchOptions = { effort: 2 };
/** Where a target set is known already, little is left to gain. */
const NEXT: SearchOptions = { steps: 2000, priceSteps: 50, nearby: true };
/**
 * What is within it is kept, in case pools shrink less than they are expected to: it frees little less than another
 * set, which may count once more on pools that have shrunk already and have no more to lose. Where it frees much less,
 * the fleet has grown onto it.
 */
const TOLERANCE = 1.05;

/**
 * Chooses the members that go now so that the steps to come can finish the job ("forecast and nested"): steps 1 and 2
 * are `nestedTargets`, steps 3 and 4 `stepTowards`. Deterministic.
 */
export function consolidateNext(problem: SequentialProblem, lastTarget: readonly number[] = []): Step {
  const sets = nestedTargets(problem, lastTarget);
  const outlook = problem.outlook.map((count, pool) => Math.max(count, problem.budgets[pool] ?? 0));
  return { removed: stepTowards(problem, { outlook, sets }), target: [...new Set(sets.flat())] };
}

/**
 * The nodes to be free in the end, in nested sets, the innermost first:
 *
 * 1. K_w = max(outlook_w, budget_w): what each pool will have lost in the end.
 * 2. S = the nodes that K frees, starting from the last target set; S1 = those of S that ⌈K/2⌉ frees; S2 = those of S1
 *    that ⌈K/4⌉ frees, a requested pool's share being no less than its budget.
 */
export function nestedTargets(
  problem: SequentialProblem,
  lastTarget: readonly number[] = [],
): readonly (readonly number[])[] {
  const { budgets } = problem;
  const ends = problem.outlook.map((count, pool) => Math.max(0, count, budgets[pool] ?? 0));
  const share = (part: number) =>
    ends.map((count, pool) =>
      budgets[pool] === 0 ? Math.ceil(count * part) : Math.max(budgets[pool] ?? 0, Math.ceil(count * part)),
    );

  const known = { ...problem, warmStart: lastTarget };
  const isKnown = lastTarget.length > 0;
  const ahead = { ...known, budgets: ends };
  const target = beyondWarm(ahead, (counted) => search(counted, isKnown ? NEXT : FIRST)).freed;
  const within = (inner: ConsolidationProblem) => (isKnown ? keep(inner, TOLERANCE) : search(inner));
  const half = searchWithin(known, target, share(1 / 2), within).freed;
  const quarter = searchWithin(known, half, share(1 / 4), within).freed;
  return [quarter, half, target];
}
