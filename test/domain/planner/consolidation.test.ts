import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consolidate } from '../../../src/domain/planner/joint.ts';
import type { ConsolidationProblem, Member } from '../../../src/domain/planner/problem.ts';

const member = (ordinal: number, nodes: readonly number[], rest: Partial<Member> = {}): Member => ({
  pool: 0,
  nodes,
  keep: 0,
  ordinal,
  ...rest,
});

const CASES: readonly (ConsolidationProblem & { readonly name: string; readonly removes: readonly number[] })[] = [
  {
    name: 'a whole node is freed rather than the highest ordinals removed',
    nodeValues: [8, 8],
    budgets: [2],
    members: [member(0, [0]), member(1, [0]), member(2, [1]), member(3, [1]), member(4, [1])],
    removes: [0, 1],
  },
  {
    name: 'the node with the most value per member goes first',
    nodeValues: [8, 1],
    budgets: [2],
    members: [member(0, [0]), member(1, [0]), member(2, [1])],
    removes: [0, 1],
  },
  {
    name: 'a node that the budget cannot free is not begun while another can be freed',
    nodeValues: [8, 8],
    budgets: [1],
    members: [member(0, [0]), member(1, [0]), member(2, [1])],
    removes: [2],
  },
  {
    name: 'members on several nodes free them together',
    nodeValues: [4, 4, 4],
    budgets: [1],
    members: [member(0, [0, 1]), member(1, [2])],
    removes: [0],
  },
  {
    name: 'a blocked node is worth nothing',
    nodeValues: [0, 8],
    budgets: [1],
    members: [member(1, [0]), member(0, [1])],
    removes: [1],
  },
  {
    name: 'two pools free a node together that neither could alone',
    nodeValues: [8, 8],
    budgets: [1, 1],
    members: [member(0, [0]), member(1, [1]), member(2, [1]), member(0, [0], { pool: 1 }), member(1, [], { pool: 1 })],
    removes: [0, 3],
  },
  {
    name: 'what frees nothing makes progress on the node that is nearest to it',
    nodeValues: [8, 8],
    budgets: [1],
    members: [member(3, [0]), member(2, [0]), member(4, [0]), member(0, [1]), member(1, [1])],
    removes: [4],
  },
  {
    name: 'equal nodes go by the lower keep',
    nodeValues: [8, 8],
    budgets: [1],
    members: [member(0, [0], { keep: -1 }), member(1, [1])],
    removes: [0],
  },
  {
    name: 'equal nodes of equal keep go by the higher ordinal',
    nodeValues: [8, 8],
    budgets: [1],
    members: [member(0, [0]), member(1, [1])],
    removes: [1],
  },
  {
    name: 'without nodes the lower keep goes, then the higher ordinal',
    nodeValues: [],
    budgets: [2],
    members: [member(0, [], { keep: -1 }), member(1, []), member(2, [])],
    removes: [0, 2],
  },
  {
    name: 'all members go where the budget asks for more',
    nodeValues: [8],
    budgets: [5],
    members: [member(0, [0]), member(1, [0])],
    removes: [0, 1],
  },
  {
    name: 'nothing goes without a budget',
    nodeValues: [8],
    budgets: [0],
    members: [member(0, [0])],
    removes: [],
  },
];

describe('consolidate', () => {
  for (const { name, removes, ...problem } of CASES) {
    test(name, () => assert.deepEqual(consolidate(problem).removed, removes));
  }
});
