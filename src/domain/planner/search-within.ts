import type { ConsolidationProblem } from './problem.ts';
import { type Found, type SearchOptions, search } from './search.ts';

const EFFORT: SearchOptions = { steps: 1000, priceSteps: 50 };

/** A short search with only some nodes to free, and only the members that are on one of them. */
export function searchWithin(
  problem: ConsolidationProblem,
  nodes: readonly number[],
  budgets: readonly number[],
  wanted: readonly number[],
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
  const warmStart = wanted.flatMap((node) => numbers.get(node) ?? []);
  const found = search({ nodeValues, members, budgets }, { ...EFFORT, warmStart, nearby: warmStart.length > 0 });
  return {
    ...found,
    needed: found.needed.flatMap((index) => origins[index] ?? []),
    freed: found.freed.flatMap((index) => nodes[index] ?? []),
  };
}
