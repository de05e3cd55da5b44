import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { choose } from '../../../src/domain/planner/choose.ts';
import { consolidate } from '../../../src/domain/planner/joint.ts';
import type { Member } from '../../../src/domain/planner/problem.ts';
import { stepTowards } from '../../../src/domain/planner/step.ts';
import { smallProblem } from './random-problem.ts';

const on = (pool: number, ...nodes: readonly number[]): Member => ({ pool, nodes, keep: 0, ordinal: 0 });

/** Node 0: one member of pool 0 and one of pool 1. Node 1: two members of pool 0, node 2: one and what never goes. */
const members = [on(0, 0), on(1, 0), on(0, 1), on(0, 1), on(0, 2)];
const nodeValues = [1, 1, 0];

describe('a step towards a target set', () => {
  const goes = (budget: number, outlook: readonly number[], ...sets: readonly (readonly number[])[]) =>
    stepTowards({ nodeValues, members, budgets: [budget, 0] }, { outlook, sets });

  it('takes what is on a wanted node, though another could be free at once', () => {
    assert.deepEqual(goes(1, [3, 1], [0]), [0]);
  });

  it('takes the most wanted node first', () => {
    assert.deepEqual(goes(1, [3, 1], [0], [0, 1]), [0]);
    assert.deepEqual(goes(2, [4, 1], [1], [1, 0]), [2, 3]);
  });

  it('takes the lower number of nodes that are wanted alike, in whatever order their members come', () => {
    for (const own of [
      [on(0, 0), on(0, 1)],
      [on(0, 1), on(0, 0)],
    ]) {
      const step = { nodeValues: [1, 1], members: own, budgets: [1] };
      const [gone = -1] = stepTowards(step, { outlook: [2], sets: [[1, 0]] });
      assert.deepEqual(own[gone]?.nodes, [0]);
    }
  });

  it('makes progress only on nodes that can become free within the outlook', () => {
    assert.deepEqual(goes(2, [3, 1], [0]), [0, 2]);
    assert.deepEqual(goes(1, [1, 0], []), [0], 'neither can: the lower number');
  });

  it('makes more progress with what is on one dear node than on two of which neither is worth as much', () => {
    const step = { nodeValues: [1, 1, 1.6], members: [on(0, 0, 1), on(0, 2)], budgets: [1] };
    assert.deepEqual(stepTowards(step, { outlook: [2], sets: [] }), [1]);
  });

  it('frees what it can with what is lost beyond the outlook', () => {
    assert.deepEqual(goes(3, [1, 1], [0]), [0, 2, 3]);
  });

  it('does not hurry to free what could be free at once, unless more is lost than was foreseen', () => {
    // Node 0 would be free by member 0 alone; member 1 leaves two dearer nodes, which pool 1 will leave later.
    const apart = [on(0, 0), on(0, 1, 2), on(1, 1), on(1, 2)];
    const step = { nodeValues: [1, 1.2, 1.2], members: apart, budgets: [1, 0] };
    const goes = (...outlook: readonly number[]) => stepTowards(step, { outlook, sets: [] });
    assert.deepEqual([goes(1, 2), goes(0, 2)], [[1], [0]]);
  });

  it('frees a wanted node that several pools hold together, though each of them alone would go elsewhere', () => {
    const held = [on(0, 0), on(2, 0), on(0, 1), on(1, 1), on(1, 2), on(2, 2)];
    const step = { nodeValues: [1, 1, 1], members: held, budgets: [1, 1, 0] };
    assert.deepEqual(stepTowards(step, { outlook: [2, 2, 2], sets: [[0, 1, 2]] }), [2, 3]);
  });

  it('frees together what several pools of one request hold', () => {
    const together = [on(0, 0), on(1, 0), on(0, 1), on(1, 2)];
    const step = { nodeValues: [1, 1, 1], members: together, budgets: [1, 1] };
    assert.deepEqual(stepTowards(step, { outlook: [1, 1], sets: [[0]] }), [0, 1]);
  });
});

describe('a choice', () => {
  it('is the joint plan where nothing is known of what is ahead', () => {
    fc.assert(
      fc.property(smallProblem, (problem) => {
        assert.deepEqual(choose(problem), consolidate(problem).removed);
      }),
      { numRuns: 50 },
    );
  });

  it('is exactly the budgets, whatever is ahead', () => {
    const ahead = fc.record({
      outlook: fc.array(fc.nat(6), { minLength: 3, maxLength: 3 }),
      sets: fc.array(fc.array(fc.nat(9), { maxLength: 4 }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(smallProblem, ahead, (problem, wanted) => {
        const removed = choose({ ...problem, ahead: wanted });
        const counts = problem.budgets.map(
          (_, pool) => removed.filter((member) => problem.members[member]?.pool === pool).length,
        );
        const sizes = problem.budgets.map((_, pool) => problem.members.filter((member) => member.pool === pool).length);
        assert.deepEqual(
          counts,
          problem.budgets.map((budget, pool) => Math.min(budget, sizes[pool] ?? 0)),
        );
        assert.equal(new Set(removed).size, removed.length);
      }),
      { numRuns: 200 },
    );
  });
});
