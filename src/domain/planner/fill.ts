import { CheapestFirst } from './heap.ts';
import type { ConsolidationProblem } from './problem.ts';

/**
 * Spends what the freed nodes leave of the budgets, one member after another: first the most progress, Σ over its
 * nodes of value / (members that still hold the node + pods of others there); then the lower keep; then the higher
 * ordinal. Adds to `removed` until every pool has lost its budget, or all its members. O(incidences · log members).
 */
export function fill({ nodeValues, members, budgets, shared }: ConsolidationProblem, removed: Set<number>): void {
  const left = [...budgets];
  const holders: number[][] = nodeValues.map(() => []);
  for (const [index, { pool, nodes }] of members.entries()) {
    if (removed.has(index)) left[pool] = (left[pool] ?? 0) - 1;
    else for (const node of nodes) holders[node]?.push(index);
  }
  const holding = holders.map(({ length }, node) => length + (shared?.get(node)?.others ?? 0));
  const worthOf = (node: number) => shared?.get(node)?.value ?? nodeValues[node] ?? 0;

  const preferred = [...members.entries()]
    .sort(([i, a], [j, b]) => a.keep - b.keep || b.ordinal - a.ordinal || i - j)
    .map(([index]) => index);
  const rank = new Map(preferred.map((index, place) => [index, place]));
  const waiting = new CheapestFirst();
  const push = (index: number) => {
    const progress = (members[index]?.nodes ?? []).reduce((sum, node) => sum + worthOf(node) / (holding[node] || 1), 0);
    // Rounded, so that the order of summation decides nothing.
    waiting.push(-Math.round(progress * 1e9), rank.get(index) ?? 0);
  };
  const isOpen = (index: number) => !removed.has(index) && (left[members[index]?.pool ?? -1] ?? 0) > 0;

  for (const index of members.keys()) if (isOpen(index)) push(index);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const index = preferred[next.item] ?? -1;
    const member = members[index];
    // A member whose progress has grown is in the queue twice, the newer and larger progress first.
    if (member === undefined || !isOpen(index)) continue;
    removed.add(index);
    left[member.pool] = (left[member.pool] ?? 0) - 1;
    for (const node of member.nodes) {
      holding[node] = (holding[node] ?? 0) - 1;
      for (const other of holders[node] ?? []) if (isOpen(other)) push(other);
    }
  }
}
