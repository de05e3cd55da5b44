import type { Removal } from './removal.ts';

/** The cost of a node that nothing stands in the way of any more. */
const LEAST_COST = 0.05;

/**
 * Spends what is left of the budgets, a member at a time, on the most progress towards nodes that can become free while
 * every pool w loses no more than `ends`_w: Σ over the member's nodes of value / (0.05 + Σ_v need_v / K_v), need_v
 * being the members of pool v on the node and K_v what pool v has still to lose; 0 where some need_v > K_v; divided by
 * the square root of the number of its nodes. Then the lower keep, then the higher ordinal. O(budgets · incidences).
 */
export function progress(removal: Removal, ends: readonly number[]): void {
  for (const pool of removal.open()) {
    while ((removal.left[pool] ?? 0) > 0) {
      const best = bestOf(removal.staying(pool), scoresNow(removal, ends), removal);
      if (best === undefined) break;
      removal.remove(best);
    }
  }
}

/** The member of the highest score, of several the one that is to go first. */
function bestOf(members: readonly number[], scoreOf: (member: number) => number, removal: Removal): number | undefined {
  let best: number | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const member of members) {
    const score = scoreOf(member);
    if (best !== undefined && (score - highest || removal.prefer(best, member)) <= 0) continue;
    best = member;
    highest = score;
  }
  return best;
}

/** How much progress each member would be now. Every node is looked at once, however many members it has. */
function scoresNow(removal: Removal, ends: readonly number[]): (member: number) => number {
  const { members, nodeValues, budgets } = removal.problem;
  const toLose = (pool: number) => (ends[pool] ?? 0) - ((budgets[pool] ?? 0) - (removal.left[pool] ?? 0));
  const worth = (node: number) => {
    const needs = new Map<number, number>();
    for (const member of removal.on(node)) {
      const pool = members[member]?.pool ?? -1;
      needs.set(pool, (needs.get(pool) ?? 0) + 1);
    }
    let cost = LEAST_COST;
    for (const [pool, need] of needs) {
      if (need > toLose(pool)) return 0;
      cost += need / toLose(pool);
    }
    return (nodeValues[node] ?? 0) / cost;
  };
  const worths = new Map<number, number>();
  const worthOf = (node: number) => {
    const known = worths.get(node) ?? worth(node);
    worths.set(node, known);
    return known;
  };
  return (member) => {
    const nodes = members[member]?.nodes ?? [];
    // Rounded, so that the order of summation decides nothing.
    return Math.round((1e9 * nodes.reduce((sum, node) => sum + worthOf(node), 0)) / Math.sqrt(nodes.length || 1));
  };
}
