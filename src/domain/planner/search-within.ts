import type { ConsolidationProblem } from './problem.ts';
import { type Found, type SearchOptions, search } from './search.ts';

/** A search with only some nodes to free, and only the members that are on one of them. */
export function searchWithin(
  problem: ConsolidationProblem,
  nodes: readonly number[],
  budgets: readonly number[],
  { warmStart = [], ...options }: SearchOptions,
): Found {
  const numbers = new Map(nodes.map((node, index) => [node, index]));
  const origins: number[] = [];
  const members = problem.members.flatMap((member, index) => {
    const held = member.nodes.flatMap((node) => numbers.get(node) ?? []);
    if (held.length === 0) return [];
    origins.push(index);
    return [{ ...member, nodes: held }];
  });
  const nodeValues = nodes.map((node) => problem.nodeValues[node] ?? 0);
  const inside = warmStart.flatMap((node) => numbers.get(node) ?? []);
  const found = search({ nodeValues, members, budgets }, { ...options, warmStart: inside });
  return {
    ...found,
    needed: found.needed.flatMap((index) => origins[index] ?? []),
    freed: found.freed.flatMap((index) => nodes[index] ?? []),
  };
}
