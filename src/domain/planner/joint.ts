import { anneal, type Incumbent } from './anneal.ts';
import { Draft } from './draft.ts';
import { type Dual, solveDual } from './dual.ts';
import { fill } from './fill.ts';
import { greedy, scarcity } from './greedy.ts';
import { compile, type Instance } from './instance.ts';
import { listAt } from './lists.ts';
import type { ConsolidationProblem } from './problem.ts';
import { Random } from './random.ts';

export interface ConsolidationOptions {
  /** How long to search, in steps of about a microsecond; if not told, as many as `defaultSteps` says. */
  readonly steps?: number;
  /** Nodes to free that are known already, the most wanted first: the plan is never worse than they are. */
  readonly warmStart?: readonly number[];
}

export interface Consolidation {
  /** Indices of the members that go, ascending: every pool loses its budget, or all its members if they are fewer. */
  readonly removed: readonly number[];
  /** Indices of the nodes that become free, ascending. */
  readonly freed: readonly number[];
  /** Sum of the values of these nodes. */
  readonly value: number;
  /** No choice of members frees nodes of a higher value. */
  readonly bound: number;
}

const PRICE_STEPS = 300;
/** From here on one long search that cools down far is better than several short ones. */
const MANY_BLOCKS = 250;
const SHORT = { starts: 6, hot: 0.2, cold: 0.15, priceShare: 0.5 };
const LONG = { starts: 1, hot: 0.35, cold: 0.07, priceShare: 0.4 };

/**
 * Chooses which members of every pool go. In order: the highest value of nodes freed (within a hair of the optimum),
 * then the most progress towards further nodes, then the lower keep, then the higher ordinal. Deterministic.
 */
export function consolidate(problem: ConsolidationProblem, options: ConsolidationOptions = {}): Consolidation {
  const instance = compile(problem);
  const { draft, bound } = search(instance, { warmStart: problem.warmStart ?? [], ...options });
  const nodes = instance.nodes.filter((_, block) => draft.freed[block] === 1).flat();
  const freed = [...instance.certainNodes, ...nodes].sort((a, b) => a - b);
  const worthOf = (group: readonly number[]) => group.reduce((sum, node) => sum + (problem.nodeValues[node] ?? 0), 0);
  const value = worthOf(freed);
  return {
    removed: removedBy(draft, instance, problem),
    freed,
    value,
    bound: Math.max(value, worthOf(instance.certainNodes) + bound),
  };
}

/** What `consolidate` removes, by greed alone, in about a tenth of the time: it freed 371 nodes where that freed 400. */
export function chooseQuickly(problem: ConsolidationProblem): readonly number[] {
  const instance = compile(problem);
  const draft = freeInOrder(instance, blocksOf(instance, problem.warmStart ?? []));
  greedy(draft, instance, scarcity(draft, instance));
  return removedBy(draft, instance, problem);
}

function removedBy(draft: Draft, instance: Instance, problem: ConsolidationProblem): readonly number[] {
  const removed = new Set(instance.certain);
  for (const [member, origin] of instance.origins.entries()) if ((draft.causes[member] ?? 0) > 0) removed.add(origin);
  fill(problem, removed);
  return [...removed].sort((a, b) => a - b);
}

/** Greedy, prices, rounding, noisy greedy, annealing: each may only improve on what the ones before found. */
function search(instance: Instance, { steps, warmStart = [] }: ConsolidationOptions): { draft: Draft; bound: number } {
  const { values } = instance;
  const incumbent: Incumbent = { value: 0, freed: new Uint8Array(values.length) };
  const consider = (draft: Draft) => {
    if (draft.value <= incumbent.value + 1e-9) return;
    incumbent.value = draft.value;
    incumbent.freed.set(draft.freed);
  };
  const complete = (draft: Draft) => {
    greedy(draft, instance, scarcity(draft, instance));
    consider(draft);
    return draft;
  };
  if (warmStart.length > 0) complete(freeInOrder(instance, blocksOf(instance, warmStart)));
  complete(new Draft(instance));

  const dual = solveDual(instance, PRICE_STEPS);
  // Sums of whole numbers are whole; the millionth is far above any rounding error.
  const bound = values.every(Number.isInteger) ? Math.floor(dual.bound + 1e-6) : dual.bound;
  complete(freeInOrder(instance, byFraction(instance, dual)));
  const random = new Random(1);
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const costs = Float64Array.from(instance.poolOf, (pool) => (dual.prices[pool] ?? 0) * (0.85 + 0.3 * random.next()));
    const draft = new Draft(instance);
    greedy(draft, instance, (member) => costs[member] ?? 0);
    consider(draft);
  }

  const { starts, ...schedule } = values.length <= MANY_BLOCKS ? SHORT : LONG;
  const each = Math.ceil((steps ?? defaultSteps(values.length)) / starts);
  for (let start = 0; start < starts && incumbent.value < bound - 1e-9; start += 1) {
    const from = start % 2 === 0 ? incumbent.freed.slice() : null;
    anneal(instance, dual.prices, from, incumbent, bound, { ...schedule, steps: each, seed: start + 1 });
  }
  const best = [...values.keys()].filter((block) => incumbent.freed[block] === 1);
  return { draft: complete(freeInOrder(instance, best)), bound };
}

/** 350 a block in small problems, 100 a block in large ones, 80,000 in between. */
function defaultSteps(blocks: number): number {
  return Math.max(Math.min(350 * blocks, 80_000), 100 * blocks);
}

function freeInOrder(instance: Instance, blocks: readonly number[]): Draft {
  const draft = new Draft(instance);
  for (const block of blocks) if (draft.freed[block] === 0 && draft.fits(block)) draft.free(block);
  return draft;
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

function blocksOf({ nodes }: Instance, wanted: readonly number[]): readonly number[] {
  const blockOf = new Map(nodes.flatMap((own, block) => own.map((node) => [node, block] as const)));
  return wanted.flatMap((node) => blockOf.get(node) ?? []);
}
