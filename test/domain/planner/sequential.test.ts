import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nestedTargets } from '../../../src/domain/planner/nested-targets.ts';
import type { Member } from '../../../src/domain/planner/problem.ts';
import { nextStep } from './next-step.ts';

const on = (pool: number, nodes: readonly number[], rest: Partial<Member> = {}): Member => ({
  pool,
  nodes,
  keep: 0,
  ordinal: 0,
  ...rest,
});

test('two workloads that shrink one after the other empty a node that neither could empty alone', () => {
  const members = [
    on(0, [0]),
    on(1, [0]),
    on(0, [1], { ordinal: 9 }),
    on(2, [1]),
    on(1, [2], { ordinal: 9 }),
    on(2, [2]),
  ];
  const first = nextStep({ nodeValues: [1, 1, 1], members, budgets: [1, 0, 0], outlook: [1, 1, 0] });
  assert.deepEqual(first, { removed: [0], target: [0] });
  const left = members.slice(1);
  const second = nextStep(
    { nodeValues: [1, 1, 1], members: left, budgets: [0, 1, 0], outlook: [0, 1, 0] },
    first.target,
  );
  assert.deepEqual(second.removed, [0], 'the member that is alone on the first node');
});

test('a target set is kept while nothing is better', () => {
  const members = [on(0, [0]), on(1, [0]), on(0, [1]), on(1, [1])];
  const problem = { nodeValues: [1, 1], members, budgets: [1, 0], outlook: [1, 1] };
  assert.deepEqual(nextStep(problem, [0]), { removed: [0], target: [0] });
  assert.deepEqual(nextStep(problem, [1]), { removed: [2], target: [1] });
});

test('a workload without a member on a target node makes the most progress within the outlook', () => {
  const members = [on(0, [0]), on(1, [0]), on(1, [0]), on(0, [1]), on(1, [1])];
  const { removed } = nextStep({ nodeValues: [1, 1], members, budgets: [1, 0], outlook: [1, 0] });
  assert.deepEqual(removed, [0], 'neither node can become free: lower keep, higher ordinal, lower number');
});

test('of the members on a target node the less worth keeping goes first', () => {
  const members = [on(0, [0], { keep: 5 }), on(0, [0]), on(0, [1]), on(0, [1]), on(0, [1])];
  const { removed, target } = nextStep({ nodeValues: [1, 1], members, budgets: [1], outlook: [2] });
  assert.deepEqual([removed, target], [[1], [0]]);
});

test('a set within the target set is kept while another frees little more, and not while it frees much more', () => {
  // Of each pair of nodes one pool frees one half-way. Instead of node 0, which needs two pools, these free one each.
  const fleet = (pairs: number) => ({
    nodeValues: Array.from({ length: 3 + 2 * pairs }, () => 1),
    members: [
      ...[on(0, [0]), on(1, [0]), on(0, [1]), on(1, [2])],
      ...Array.from({ length: 2 * pairs }, (_, place) => on(2 + (place >> 1), [3 + place])),
    ],
    budgets: Array.from({ length: 2 + pairs }, () => 2),
  });
  const halfOf = (pairs: number) =>
    nestedTargets({ ...fleet(pairs), warmStart: [...fleet(pairs).nodeValues.keys()] })[1] ?? [];
  const firstThree = (nodes: readonly number[]) => nodes.filter((node) => node < 3);
  assert.deepEqual(firstThree(halfOf(20)), [0], '21 nodes, where 22 could be free');
  assert.deepEqual(firstThree(halfOf(5)), [1, 2], '6 nodes, where 7 could be free');
});
