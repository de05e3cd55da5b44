import { anneal, type Incumbent } from './anneal.ts';
import { Draft } from './draft.ts';
import { type Dual, solveDual } from './dual.ts';
import { greedy } from './greedy.ts';
import { compile, type Instance } from './instance.ts';
import { listAt } from './lists.ts';
import type { ConsolidationProblem } from './problem.ts';
import { blocksOf, completed, type Freed, freedBy } from './quick-search.ts';
import { Random } from './random.ts';

export interface SearchOptions {
  /** How long to search, in steps of about a microsecond; if not told, as many as `defaultSteps` says. */
  readonly steps?: number;
  /** How many times as long as usual, where `steps` is not told. */
  readonly effort?: number;
  /** How many steps the prices take; 300 if not told. */
  readonly priceSteps?: number;
  /** Only improves on the warm start, near to it: for one that was good before a small change. */
  readonly nearby?: boolean;
}

export interface Found extends Freed {
  /** Sum of the values of these nodes. */
  readonly value: number;
  /** No choice of members frees nodes of a higher value. */
  readonly bound: number;
}

const PRICE_STEPS = 300;
/** From here on one long search that cools down far is better than several short ones. */
const MANY_BLOCKS = 250;
/** How many searches there are, how many more where the bound is `CLOSE`, and how each goes: see Schedule. */
const SHORT = { starts: 6, more: 6, hot: 0.2, cold: 0.15, priceShare: 0.5 };
/** From a plan that is known to be good it must not begin so hot that it forgets it. */
const NEARBY = { starts: 1, more: 0, hot: 0.12, cold: 0.07, priceShare: 0.4 };
const LONG = { starts: 1, more: 0, hot: 0.5, cold: 0.05, priceShare: 0.4 };
/** So few mean values below the bound, more short searches are worth their time: often it can be reached. */
const CLOSE = 2;
/** How many members of blocks a search looks at in a tenth of a second, on a slow core. */
const LOOKS = 340_000;

/**
 * Looks for the nodes of the highest value that the budgets can free together; never less than the problem's warm
 * start. Deterministic.
 */
export function search(problem: ConsolidationProblem, options: SearchOptions = {}): Found {
  const instance = compile(problem);
  const { draft, bound } = improve(instance, blocksOf(instance, problem.warmStart), options);
  const found = freedBy(draft, instance);
  const worthOf = (group: readonly number[]) => group.reduce((sum, node) => sum + (problem.nodeValues[node] ?? 0), 0);
  const value = worthOf(found.freed);
  return { ...found, value, bound: Math.max(value, worthOf(instance.certainNodes) + bound) };
}

/** Greedy, prices, rounding, noisy greedy, annealing: each may only improve on what the ones before found. */
function improve(
  instance: Instance,
  warmStart: readonly number[],
  { steps, effort = 1, priceSteps = PRICE_STEPS, nearby = false }: SearchOptions,
): { draft: Draft; bound: number } {
  const { values } = instance;
  const incumbent: Incumbent = { value: 0, freed: new Uint8Array(values.length) };
  const consider = (draft: Draft) => {
    if (draft.value <= incumbent.value + 1e-9) return;
    incumbent.value = draft.value;
    incumbent.freed.set(draft.freed);
  };
  if (warmStart.length > 0) consider(completed(warmStart, instance));
  if (!nearby) consider(completed([], instance));

  // Sums of whole numbers are whole; the millionth is far above any rounding error.
  const isWhole = values.every(Number.isInteger);
  const reachable = (bound: number) => (isWhole ? Math.floor(bound + 1e-6) : bound);
  const dual = solveDual(instance, priceSteps, (bound) => incumbent.value >= reachable(bound) - 1e-9);
  const bound = reachable(dual.bound);
  const isProved = () => incumbent.value >= bound - 1e-9;
  if (!nearby && !isProved()) {
    consider(completed(byFraction(instance, dual), instance));
    const random = new Random(1);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const costs = Float64Array.from(
        instance.poolOf,
        (pool) => (dual.prices[pool] ?? 0) * (0.85 + 0.3 * random.next()),
      );
      const draft = new Draft(instance);
      greedy(draft, instance, (member) => costs[member] ?? 0);
      consider(draft);
    }
  }

  const { starts, more, ...schedule } = nearby ? NEARBY : values.length <= MANY_BLOCKS ? SHORT : LONG;
  const each = Math.ceil((steps ?? effort * defaultSteps(instance)) / starts);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const isWorthwhile = (start: number) =>
    start < starts || (start < starts + more && bound - incumbent.value <= CLOSE * mean);
  for (let start = 0; each > 0 && isWorthwhile(start) && !isProved(); start += 1) {
    const from = start % 2 === 0 ? incumbent.freed.slice() : null;
    anneal(instance, dual.prices, from, incumbent, bound, { ...schedule, steps: each, seed: start + 1 });
  }
  const best = [...values.keys()].filter((block) => incumbent.freed[block] === 1);
  return { draft: completed(best, instance), bound };
}

/** 350 a block in small problems, 120 a block in large ones; in between as many as take a tenth of a second. */
function defaultSteps({ values, holders }: Instance): number {
  const blocks = values.length;
  const most = (LOOKS * blocks) / (holders.items.length || 1);
  return Math.max(Math.min(350 * blocks, most), 120 * blocks);
}

/** The blocks that the fractional plan frees, the surest and the cheapest of their value first. */
function byFraction({ values, holders, poolOf }: Instance, { fractions, prices }: Dual): readonly number[] {
  const scores = values.map((value, block) => {
    const price = listAt(holders, block).reduce((sum, member) => sum + (prices[poolOf[member] ?? 0] ?? 0), 0);
    return (fractions[block] ?? 0) - (0.2 * price) / value;
  });
  return [...values.keys()]
    .filter((block) => (fractions[block] ?? 0) > 0.01)
    .sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
}
