import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { consolidate } from '../../../src/domain/planner/joint.ts';
import type { ConsolidationProblem, Member } from '../../../src/domain/planner/problem.ts';
import { smallProblem } from './random-problem.ts';

const on = (node: number, ordinal = 0): Member => ({ pool: 0, nodes: [node], keep: 0, ordinal });

const TWO_KINDS: ConsolidationProblem = {
  nodeValues: [8, 4, 4],
  budgets: [1],
  members: [on(0), on(1), on(2)],
};

describe('warm nodes', () => {
  test('the more valuable node waits while it would only become a warm one', () => {
    const { freed, value } = consolidate({ ...TWO_KINDS, warm: [{ nodes: [0], missing: 1 }] });
    assert.deepEqual([freed.length, freed.includes(0), value], [1, false, 4]);
  });

  test('where none is missing the more valuable node goes', () => {
    assert.deepEqual(consolidate({ ...TWO_KINDS, warm: [] }).freed, [0]);
  });

  test('the dearest node goes that is of none of two kinds to be kept warm', () => {
    const warm = [
      { nodes: [0], missing: 1 },
      { nodes: [1], missing: 1 },
    ];
    assert.deepEqual(consolidate({ ...TWO_KINDS, nodeValues: [8, 4, 1], warm }).freed, [2]);
  });

  test('what becomes free beyond the missing ones counts', () => {
    const problem = { ...TWO_KINDS, budgets: [2], warm: [{ nodes: [1, 2], missing: 1 }] };
    assert.equal(consolidate({ ...problem, nodeValues: [1, 4, 4] }).value, 4);
  });

  test('where nothing else can become free the budget is spent all the same', () => {
    const problem = { ...TWO_KINDS, warm: [{ nodes: [0, 1, 2], missing: 3 }] };
    const { removed, value } = consolidate(problem);
    assert.deepEqual([removed.length, value], [1, 0]);
  });

  test('exactly the budgets go, and the value never exceeds the bound', () => {
    const warm = fc.record({
      nodes: fc.uniqueArray(fc.nat(7), { maxLength: 4 }),
      missing: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(smallProblem, warm, (problem, kept) => {
        const { removed, value, bound } = consolidate({ ...problem, warm: [kept] });
        assert.ok(value >= 0 && value <= bound);
        const plain = consolidate(problem);
        assert.ok(value <= plain.bound);
        assert.equal(removed.length, plain.removed.length);
      }),
      { numRuns: 300 },
    );
  });
});
