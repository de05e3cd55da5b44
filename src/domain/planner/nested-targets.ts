import type { ConsolidationProblem } from './problem.ts';
import { keep } from './quick-search.ts';
import { type SearchOptions, search } from './search.ts';
import { searchWithin } from './search-within.ts';
import { beyondWarm } from './warm.ts';

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
 * The nodes to be free in the end, in nested sets, the innermost first, so that scale-downs to come can finish the job
 * one after another (`stepTowards`). K_w, the budget of pool w, is what it will lose by then, its size less its floor:
 *
 *     S  = the nodes that K frees, starting from the last target set: the problem's warm start
 *     S1 = those of S that ⌈K/2⌉ frees
 *     S2 = those of S1 that ⌈K/4⌉ frees
 *
 * Deterministic.
 */
export function nestedTargets(problem: ConsolidationProblem): readonly (readonly number[])[] {
  const isKnown = (problem.warmStart ?? []).length > 0;
  const share = (part: number) => problem.budgets.map((count) => Math.ceil(count * part));
  const target = beyondWarm(problem, (counted) => search(counted, isKnown ? NEXT : FIRST)).freed;
  const within = (inner: ConsolidationProblem) => (isKnown ? keep(inner, TOLERANCE) : search(inner));
  const half = searchWithin(problem, target, share(1 / 2), within).freed;
  const quarter = searchWithin(problem, half, share(1 / 4), within).freed;
  return [quarter, half, target];
}
