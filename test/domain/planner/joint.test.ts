import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consolidate } from '../../../src/domain/planner/joint.ts';
import type { ConsolidationProblem, Member } from '../../../src/domain/planner/problem.ts';

const on = (nodes: readonly number[], rest: Partial<Member> = {}): Member => ({
  pool: 0,
  nodes,
  keep: 0,
  ordinal: 0,
  ...rest,
});

interface Case {
  readonly problem: ConsolidationProblem;
  readonly removed: readonly number[];
  readonly freed: readonly number[];
  readonly bound?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'of two nodes that take as much, the one with more GPUs becomes free': {
    problem: { nodeValues: [2, 8], budgets: [1], members: [on([0]), on([1])] },
    removed: [1],
    freed: [1],
    bound: 8,
  },
  'two nodes that share their members beat a node that is cheaper by itself': {
    problem: {
      nodeValues: [1, 1, 1],
      budgets: [2, 1],
      members: [on([0]), on([1, 2]), on([1, 2]), on([2], { pool: 1 }), on([], { pool: 1 })],
    },
    removed: [1, 2, 3],
    freed: [1, 2],
    bound: 2,
  },
  'where nothing becomes free, the node goes on emptying that the fewest pods of others hold': {
    problem: {
      nodeValues: [0, 0],
      shared: new Map([
        [0, { value: 8, others: 1 }],
        [1, { value: 8, others: 3 }],
      ]),
      budgets: [1],
      members: [on([0]), on([1], { ordinal: 1 })],
    },
    removed: [0],
    freed: [],
    bound: 0,
  },
  'a node that becomes free goes before one that others still hold, whatever that is worth': {
    problem: {
      nodeValues: [1, 0],
      shared: new Map([[1, { value: 100, others: 1 }]]),
      budgets: [1],
      members: [on([0]), on([1])],
    },
    removed: [0],
    freed: [0],
    bound: 1,
  },
  'a group goes with all its nodes': {
    problem: { nodeValues: [1, 1, 1], budgets: [1], members: [on([0]), on([1, 2])] },
    removed: [1],
    freed: [1, 2],
  },
  'two requests free together the node that neither could free alone': {
    problem: {
      nodeValues: [1, 1, 1],
      budgets: [1, 1],
      members: [on([0]), on([1]), on([0], { pool: 1 }), on([2], { pool: 1 }), on([1]), on([2], { pool: 1 })],
    },
    removed: [0, 2],
    freed: [0],
  },
  'a node that is held only by a pool that goes entirely becomes free beside the chosen one': {
    problem: {
      nodeValues: [1, 1, 2],
      budgets: [2, 1],
      members: [on([0]), on([0, 2]), on([1], { pool: 1 }), on([2], { pool: 1 })],
    },
    removed: [0, 1, 3],
    freed: [0, 2],
    bound: 3,
  },
  'a pool that has fewer members than it is asked to lose loses all of them': {
    problem: { nodeValues: [3], budgets: [5], members: [on([0]), on([0])] },
    removed: [0, 1],
    freed: [0],
    bound: 3,
  },
  'no node can become free: the one that comes nearest is begun': {
    problem: { nodeValues: [1, 1], budgets: [1], members: [on([0]), on([0]), on([0]), on([1]), on([1])] },
    removed: [3],
    freed: [],
  },
  'what the freed node leaves of the budget goes on with the most valuable progress': {
    problem: { nodeValues: [1, 8, 1], budgets: [2], members: [on([0]), on([2]), on([2]), on([1]), on([1]), on([1])] },
    removed: [0, 3],
    freed: [0],
  },
  'progress on a node that cannot become free counts nothing': {
    problem: { nodeValues: [0, 1], budgets: [1], members: [on([0], { ordinal: 9 }), on([1]), on([1])] },
    removed: [1],
    freed: [],
  },
  'of equally good nodes, the one whose members are less worth keeping': {
    problem: { nodeValues: [1, 1], budgets: [1], members: [on([0], { keep: 1, ordinal: 9 }), on([1])] },
    removed: [1],
    freed: [1],
  },
  'of equally good nodes, the one whose members have the higher ordinal': {
    problem: {
      nodeValues: [1, 1, 1],
      budgets: [1],
      members: [on([0]), on([1], { ordinal: 2 }), on([2], { ordinal: 1 })],
    },
    removed: [1],
    freed: [1],
  },
  'progress comes before keep, keep before the ordinal': {
    problem: {
      nodeValues: [1, 1],
      budgets: [2],
      members: [
        on([0], { keep: 5 }),
        on([0], { keep: 5, ordinal: 3 }),
        on([0], { keep: 5 }),
        on([1], { ordinal: 1 }),
        on([1], { ordinal: 2 }),
        on([1], { keep: 1, ordinal: 8 }),
        on([1], { keep: 1, ordinal: 9 }),
      ],
    },
    removed: [0, 1],
    freed: [],
  },
  'a node that was free before is not freed': {
    problem: { nodeValues: [8, 1], budgets: [1], members: [on([1]), on([1])] },
    removed: [0],
    freed: [],
    bound: 0,
  },
  'nothing is asked, nothing goes': {
    problem: { nodeValues: [1], budgets: [0], members: [on([0])] },
    removed: [],
    freed: [],
    bound: 0,
  },
  'an empty fleet is fine': { problem: { nodeValues: [], budgets: [], members: [] }, removed: [], freed: [], bound: 0 },
};

for (const [name, { problem, removed, freed, bound }] of Object.entries(CASES)) {
  test(name, () => {
    const plan = consolidate(problem);
    assert.deepEqual({ removed: plan.removed, freed: plan.freed }, { removed, freed });
    if (bound !== undefined) assert.equal(plan.bound, bound);
  });
}

test('what a plan started from is kept where nothing is better', () => {
  const problem = { nodeValues: [1, 1, 1], budgets: [1], members: [on([0], { ordinal: 9 }), on([1]), on([2])] };
  assert.deepEqual(consolidate(problem).freed, [0]);
  assert.deepEqual(consolidate({ ...problem, warmStart: [2] }).freed, [2]);
});

test('a plan does not start from nodes that do not fit', () => {
  const problem = { nodeValues: [1, 1, 1], budgets: [1], members: [on([0]), on([1]), on([0]), on([2])] };
  assert.deepEqual(consolidate({ ...problem, warmStart: [7, 0, 1] }).freed, [1]);
});
