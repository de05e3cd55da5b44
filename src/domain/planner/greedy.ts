import type { Draft } from './draft.ts';
import { CheapestFirst } from './heap.ts';
import type { Instance } from './instance.ts';
import { listAt } from './lists.ts';

/** What a block costs whose members all go already, so that the more valuable one comes first. */
const LEAST_COST = 1e-3;

/**
 * Frees one block after another, the cheapest first, until none fits: cost(block) = (1e-3 + Σ cost of its members that
 * do not go yet) / value. Costs of members may rise on the way. O(incidences · log blocks).
 */
export function greedy(draft: Draft, { values, holders, blocks }: Instance, costOf: (member: number) => number): void {
  const cost = (block: number) => {
    let sum = LEAST_COST;
    for (const member of listAt(holders, block)) if (draft.causes[member] === 0) sum += costOf(member);
    // Rounded, so that the order of summation decides nothing.
    return Math.round((sum / (values[block] ?? 1)) * 1e9);
  };
  const waiting = new CheapestFirst();
  const push = (block: number) => {
    if (draft.freed[block] === 0 && draft.fits(block)) waiting.push(cost(block), block);
  };
  for (const block of values.keys()) push(block);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const block = next.item;
    if (draft.freed[block] === 1 || !draft.fits(block)) continue;
    const now = cost(block);
    if (now > next.cost) {
      waiting.push(now, block);
      continue;
    }
    draft.free(block);
    for (const member of listAt(holders, block)) for (const other of listAt(blocks, member)) push(other);
  }
}

/** The cost of a member as its share of what is left of its pool's budget. */
export function scarcity({ used }: Draft, { poolOf, budgets }: Instance): (member: number) => number {
  return (member) => {
    const pool = poolOf[member] ?? 0;
    return 1 / Math.max(1, (budgets[pool] ?? 0) - (used[pool] ?? 0));
  };
}
