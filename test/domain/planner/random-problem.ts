import fc from 'fast-check';
import type { ConsolidationProblem } from '../../../src/domain/planner/problem.ts';

/** Small fleets: a few pools, some of them asked for nothing or for more than they have, and nodes without value. */
export const smallProblem: fc.Arbitrary<ConsolidationProblem> = fc
  .record({
    nodeValues: fc.array(fc.constantFrom(0, 1, 1, 1, 2, 4, 8), { minLength: 2, maxLength: 8 }),
    budgets: fc.array(fc.constantFrom(0, 1, 2, 2, 3, 4), { minLength: 1, maxLength: 3 }),
  })
  .chain(({ nodeValues, budgets }) =>
    fc
      .array(
        fc.record({
          pool: fc.nat(budgets.length - 1),
          nodes: fc.uniqueArray(fc.nat(nodeValues.length - 1), { maxLength: 3 }),
          keep: fc.nat(2),
          ordinal: fc.nat(9),
        }),
        { minLength: 3, maxLength: 11 },
      )
      .map((members) => ({ nodeValues, budgets, members })),
  );

/** The nodes with a value that somebody held and that nobody holds once `removed` are gone. */
export function freedNodes(
  { nodeValues, members }: ConsolidationProblem,
  removed: readonly number[],
): readonly number[] {
  const gone = new Set(removed);
  const held = new Set(members.flatMap(({ nodes }) => nodes));
  const kept = new Set(members.flatMap(({ nodes }, index) => (gone.has(index) ? [] : nodes)));
  return [...nodeValues.keys()].filter((node) => (nodeValues[node] ?? 0) > 0 && held.has(node) && !kept.has(node));
}

export function worthOf({ nodeValues }: ConsolidationProblem, nodes: readonly number[]): number {
  return nodes.reduce((sum, node) => sum + (nodeValues[node] ?? 0), 0);
}

/** The highest value that any choice within the budgets frees, by trying all of them. */
export function bruteForce(problem: ConsolidationProblem): number {
  const { members, budgets } = problem;
  let best = 0;
  for (let choice = 0; choice < 2 ** members.length; choice += 1) {
    const removed = [...members.keys()].filter((index) => (choice >> index) % 2 === 1);
    const left = [...budgets];
    for (const index of removed) {
      const pool = members[index]?.pool ?? -1;
      left[pool] = (left[pool] ?? 0) - 1;
    }
    if (left.every((count) => count >= 0)) best = Math.max(best, worthOf(problem, freedNodes(problem, removed)));
  }
  return best;
}

/** Every choice of exactly the budgets, or of all members of a pool that has fewer. */
export function choices({ members, budgets }: ConsolidationProblem): readonly (readonly number[])[] {
  const count = (pool: number, chosen: readonly number[]) =>
    chosen.filter((index) => members[index]?.pool === pool).length;
  const wanted = budgets.map((budget, pool) => Math.min(budget, count(pool, [...members.keys()])));
  return Array.from({ length: 2 ** members.length }, (_, choice) =>
    [...members.keys()].filter((index) => (choice >> index) % 2 === 1),
  ).filter((chosen) => wanted.every((size, pool) => count(pool, chosen) === size));
}

/** The same problem with nodes, members and pools numbered in another order. */
export function renumbered(
  problem: ConsolidationProblem,
  order: (count: number) => readonly number[],
): ConsolidationProblem {
  const [nodes, members, pools] = [problem.nodeValues, problem.members, problem.budgets].map(({ length }) =>
    order(length),
  );
  const at = (numbers: readonly number[] | undefined, index: number) => numbers?.[index] ?? 0;
  const reordered = <T>(items: readonly T[], numbers: readonly number[] = []) =>
    items.map((_, place) => numbers.indexOf(place)).flatMap((index) => items.slice(index, index + 1));
  return {
    nodeValues: reordered(problem.nodeValues, nodes),
    budgets: reordered(problem.budgets, pools),
    members: reordered(problem.members, members).map((member) => ({
      ...member,
      pool: at(pools, member.pool),
      nodes: member.nodes.map((node) => at(nodes, node)),
    })),
  };
}
