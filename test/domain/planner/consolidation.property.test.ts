import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { consolidate } from '../../../src/domain/planner/joint.ts';
import type { ConsolidationProblem } from '../../../src/domain/planner/problem.ts';
import { runs } from '../victims/properties.ts';

const problem = (most: { readonly members: number; readonly pools: number }): fc.Arbitrary<ConsolidationProblem> =>
  fc.record({
    nodeValues: fc.array(fc.constantFrom(0, 1 / 16, 1, 4, 8, 8), { minLength: 5, maxLength: 5 }),
    members: fc.array(
      fc.record({
        pool: fc.nat(most.pools - 1),
        nodes: fc.uniqueArray(fc.nat(4), { maxLength: 3 }),
        keep: fc.integer({ min: -2, max: 2 }),
        ordinal: fc.nat(9),
      }),
      { maxLength: most.members },
    ),
    budgets: fc.array(fc.nat(4), { minLength: most.pools, maxLength: most.pools }),
  });

/** What the removed members leave free of nodes that held any. */
function freed({ nodeValues, members }: ConsolidationProblem, removed: ReadonlySet<number>): number {
  return nodeValues.reduce((sum, value, node) => {
    const holders = members.flatMap(({ nodes }, index) => (nodes.includes(node) ? [index] : []));
    return sum + (holders.length > 0 && holders.every((index) => removed.has(index)) ? value : 0);
  }, 0);
}

/** Every choice of exactly the budgets. */
function choices({ members, budgets }: ConsolidationProblem): readonly ReadonlySet<number>[] {
  const sizes = budgets.map((budget, pool) =>
    Math.min(budget, members.filter((member) => member.pool === pool).length),
  );
  return Array.from({ length: 2 ** members.length }, (_, bits) =>
    members.flatMap((_, i) => (bits & (1 << i) ? [i] : [])),
  )
    .filter((chosen) => sizes.every((size, pool) => chosen.filter((i) => members[i]?.pool === pool).length === size))
    .map((chosen) => new Set(chosen));
}

test('consolidate removes exactly the budget of every pool, each member once', () => {
  fc.assert(
    fc.property(problem({ members: 30, pools: 3 }), (problem) => {
      const removed = consolidate(problem).removed;
      assert.deepEqual(
        removed,
        [...new Set(removed)].sort((a, b) => a - b),
      );
      for (const [pool, budget] of problem.budgets.entries()) {
        const size = problem.members.filter((member) => member.pool === pool).length;
        assert.equal(removed.filter((index) => problem.members[index]?.pool === pool).length, Math.min(budget, size));
      }
    }),
    runs(3000),
  );
});

test('consolidate frees something whenever something can be freed, and never more than the best choice does', () => {
  fc.assert(
    fc.property(problem({ members: 9, pools: 2 }), (problem) => {
      const value = freed(problem, new Set(consolidate(problem).removed));
      const best = Math.max(...choices(problem).map((chosen) => freed(problem, chosen)));
      assert.ok(value <= best);
      assert.equal(value > 0, best > 0, `${value} of ${best}`);
    }),
    runs(1500),
  );
});

test('consolidate frees the most there is where members are on one node each and nodes are worth the same', () => {
  const simple = problem({ members: 9, pools: 1 }).map(
    ({ members, ...rest }): ConsolidationProblem => ({
      ...rest,
      nodeValues: [8, 8, 8, 8, 8],
      members: members.map((member) => ({ ...member, nodes: member.nodes.slice(0, 1) })),
    }),
  );
  fc.assert(
    fc.property(simple, (problem) => {
      const best = Math.max(...choices(problem).map((chosen) => freed(problem, chosen)));
      assert.equal(freed(problem, new Set(consolidate(problem).removed)), best);
    }),
    runs(1500),
  );
});

test('of members alike in everything else consolidate removes the least worth keeping, then the highest ordinals', () => {
  const alike = fc.array(fc.record({ keep: fc.integer({ min: -2, max: 2 }), ordinal: fc.nat(9) }), { maxLength: 8 });
  fc.assert(
    fc.property(alike, fc.nat(8), (members, budget) => {
      const problem = {
        nodeValues: [8],
        budgets: [budget],
        members: members.map((member) => ({ ...member, pool: 0, nodes: [] })),
      };
      const expected = [...members.keys()]
        .sort(
          (a, b) =>
            (members[a]?.keep ?? 0) - (members[b]?.keep ?? 0) ||
            (members[b]?.ordinal ?? 0) - (members[a]?.ordinal ?? 0),
        )
        .slice(0, budget);
      const keyOf = (index: number) => JSON.stringify(members[index]);
      assert.deepEqual(consolidate(problem).removed.map(keyOf).sort(), expected.map(keyOf).sort());
    }),
    runs(1500),
  );
});
