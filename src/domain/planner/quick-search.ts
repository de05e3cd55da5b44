import { Draft } from './draft.ts';
import { greedy, scarcity } from './greedy.ts';
import { compile, type Instance } from './instance.ts';
import type { ConsolidationProblem } from './problem.ts';

/** Nodes to free together. */
export interface Freed {
  /** The members that must go for it, which are no more than the budgets, in any order. */
  readonly needed: readonly number[];
  /** Indices of the nodes that become free, ascending. */
  readonly freed: readonly number[];
}

/** Members that must go for what greed alone frees, after the problem's warm start. */
export function searchQuickly(problem: ConsolidationProblem): readonly number[] {
  const instance = compile(problem);
  return neededBy(completed(blocksOf(instance, problem.warmStart), instance), instance);
}

/**
 * Frees the problem's warm start and what greed adds to it; or, where that is worth more than `tolerance` times as
 * much, what greed alone frees from nothing.
 */
export function keep(problem: ConsolidationProblem, tolerance: number): Freed {
  const instance = compile(problem);
  const kept = completed(blocksOf(instance, problem.warmStart), instance);
  const anew = completed([], instance);
  return freedBy(anew.value > tolerance * kept.value ? anew : kept, instance);
}

/** Frees what fits of some blocks, in their order, and then what greed adds. */
export function completed(blocks: readonly number[], instance: Instance): Draft {
  const draft = freeInOrder(instance, blocks);
  greedy(draft, instance, scarcity(draft, instance));
  return draft;
}

/** What a draft frees, in the numbers of the problem that its instance was compiled from. */
export function freedBy(draft: Draft, instance: Instance): Freed {
  const nodes = instance.nodes.filter((_, block) => draft.freed[block] === 1).flat();
  return {
    needed: neededBy(draft, instance),
    freed: [...instance.certainNodes, ...nodes].sort((a, b) => a - b),
  };
}

function neededBy(draft: Draft, { certain, origins }: Instance): readonly number[] {
  return [...certain, ...origins.filter((_, member) => (draft.causes[member] ?? 0) > 0)];
}

function freeInOrder(instance: Instance, blocks: readonly number[]): Draft {
  const draft = new Draft(instance);
  for (const block of blocks) if (draft.freed[block] === 0 && draft.fits(block)) draft.free(block);
  return draft;
}

/** The blocks of some nodes, in their order. */
export function blocksOf({ nodes }: Instance, wanted: readonly number[] = []): readonly number[] {
  if (wanted.length === 0) return [];
  const blockOf = new Map(nodes.flatMap((own, block) => own.map((node) => [node, block] as const)));
  return wanted.flatMap((node) => blockOf.get(node) ?? []);
}
