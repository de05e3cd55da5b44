import type { ConsolidationProblem } from './problem.ts';
import type { Freed } from './quick-search.ts';

/** A search with only some nodes to free, and only the members that are on one of them. */
export function searchWithin(
  problem: ConsolidationProblem,
  nodes: readonly number[],
  budgets: readonly number[],
  search: (inner: ConsolidationProblem) => Freed,
): Freed {
  const numbers = new Map(nodes.map((node, index) => [node, index]));
  const inside = (some: readonly number[]) => some.flatMap((node) => numbers.get(node) ?? []);
  const origins: number[] = [];
  const members = problem.members.flatMap((member, index) => {
    const held = inside(member.nodes);
    if (held.length === 0) return [];
    origins.push(index);
    return [{ ...member, nodes: held }];
  });
  const nodeValues = nodes.map((node) => problem.nodeValues[node] ?? 0);
  const { needed, freed } = search({ nodeValues, members, budgets, warmStart: inside(problem.warmStart ?? []) });
  return {
    needed: needed.flatMap((index) => origins[index] ?? []),
    freed: freed.flatMap((index) => nodes[index] ?? []),
  };
}
