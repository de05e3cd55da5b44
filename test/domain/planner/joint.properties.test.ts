import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseQuickly, consolidate } from '../../../src/domain/planner/joint.ts';
import type { ConsolidationProblem } from '../../../src/domain/planner/problem.ts';
import { runs } from '../victims/properties.ts';
import { bruteForce, freedNodes, renumbered, smallProblem, worthOf } from './random-problem.ts';

const RUNS = runs(300);

test('every pool loses exactly its budget, or all its members if they are fewer', () => {
  fc.assert(
    fc.property(smallProblem, (problem) => {
      const count = (pool: number, members: readonly number[]) =>
        members.filter((index) => problem.members[index]?.pool === pool).length;
      for (const removed of [consolidate(problem).removed, chooseQuickly(problem)]) {
        assert.deepEqual(
          removed,
          [...new Set(removed)].sort((a, b) => a - b),
          'ascending, each once',
        );
        for (const [pool, budget] of problem.budgets.entries())
          assert.equal(count(pool, removed), Math.min(budget, count(pool, [...problem.members.keys()])));
      }
    }),
    RUNS,
  );
});

test('a quick choice is never better than the optimum, nor worse than its warm start', () => {
  fc.assert(
    fc.property(smallProblem, (problem) => {
      const { freed, value } = consolidate(problem);
      const quick = (warmStart: readonly number[]) =>
        worthOf(problem, freedNodes(problem, chooseQuickly({ ...problem, warmStart })));
      assert.ok(quick([]) <= bruteForce(problem));
      assert.ok(quick(freed) >= value);
    }),
    RUNS,
  );
});

test('the nodes that are called free are those that the removal frees, and the value is theirs', () => {
  fc.assert(
    fc.property(smallProblem, (problem) => {
      const { removed, freed, value } = consolidate(problem);
      assert.deepEqual(freed, freedNodes(problem, removed));
      assert.equal(value, worthOf(problem, freed));
    }),
    RUNS,
  );
});

test('the value is the optimum of a small fleet, and the bound is never below the optimum', () => {
  let missed = 0;
  fc.assert(
    fc.property(smallProblem, (problem) => {
      const optimum = bruteForce(problem);
      const { value, bound } = consolidate(problem);
      assert.ok(value <= optimum, `${value} is more than the optimum of ${optimum}`);
      assert.ok(bound >= optimum, `the bound ${bound} is below the optimum of ${optimum}`);
      if (value < optimum) missed += 1;
    }),
    RUNS,
  );
  assert.ok(missed <= RUNS.numRuns / 100, `missed the optimum in ${missed} of ${RUNS.numRuns} fleets`);
});

test('a single request frees the optimum of a small fleet', () => {
  fc.assert(
    fc.property(smallProblem, fc.integer({ min: 1, max: 6 }), (problem, budget) => {
      const single = {
        ...problem,
        budgets: [budget],
        members: problem.members.map((member) => ({ ...member, pool: 0 })),
      };
      assert.equal(consolidate(single).value, bruteForce(single));
    }),
    RUNS,
  );
});

test('the same problem gives the same plan', () => {
  fc.assert(
    fc.property(smallProblem, (problem) => {
      assert.deepEqual(consolidate(problem), consolidate(structuredClone(problem)));
    }),
    RUNS,
  );
});

test('the value does not depend on how nodes, members and pools are numbered', () => {
  fc.assert(
    fc.property(smallProblem, fc.infiniteStream(fc.nat(1000)), (problem, keys) => {
      const order = (count: number) => {
        const drawn = Array.from({ length: count }, (_, index) => ({ index, key: Number(keys.next().value) }));
        return drawn.sort((a, b) => a.key - b.key || a.index - b.index).map(({ index }) => index);
      };
      assert.equal(consolidate(renumbered(problem, order)).value, consolidate(problem).value);
    }),
    RUNS,
  );
});

test('a plan that starts from another is worth at least as much, and equal plans are kept', () => {
  fc.assert(
    fc.property(smallProblem, smallProblem, (problem, other) => {
      const known = consolidate({
        ...problem,
        nodeValues: problem.nodeValues.map((_, node) => other.nodeValues[node] ?? 1),
      });
      const warm = consolidate({ ...problem, warmStart: known.freed }, { steps: 0 });
      assert.ok(
        warm.value >=
          worthOf(
            problem,
            freedNodes(problem, known.removed).filter((node) => known.freed.includes(node)),
          ),
      );
      const again = consolidate({ ...problem, warmStart: warm.freed }, { steps: 0 });
      assert.ok(again.value > warm.value || again.freed.join() === warm.freed.join());
    }),
    RUNS,
  );
});

test('more steps never free less', () => {
  fc.assert(
    fc.property(smallProblem, (problem) => {
      assert.ok(consolidate(problem).value >= consolidate(problem, { steps: 0 }).value);
    }),
    RUNS,
  );
});

/** Fleets of a size that no other way is fast enough for: two dozen nodes, up to five pools. */
const middling: fc.Arbitrary<ConsolidationProblem> = fc
  .record({
    nodeValues: fc.array(fc.constantFrom(0, 1 / 16, 1, 4, 8, 8), { minLength: 12, maxLength: 24 }),
    budgets: fc.array(fc.nat(8), { minLength: 1, maxLength: 5 }),
  })
  .chain(({ nodeValues, budgets }) =>
    fc
      .array(
        fc.record({
          pool: fc.nat(budgets.length - 1),
          nodes: fc.uniqueArray(fc.nat(nodeValues.length - 1), { minLength: 1, maxLength: 4 }),
          keep: fc.nat(2),
          ordinal: fc.nat(30),
        }),
        { minLength: 20, maxLength: 60, size: 'max' },
      )
      .map((members) => ({ nodeValues, budgets, members })),
  );

test('a plan is never worse than greed alone, and never worth more than its bound', () => {
  fc.assert(
    fc.property(middling, (problem) => {
      const { value, bound } = consolidate(problem);
      const greedy = worthOf(problem, freedNodes(problem, chooseQuickly(problem)));
      assert.ok(value >= greedy - 1e-9, `${value} where greed frees ${greedy}`);
      assert.ok(value <= bound + 1e-9, `${value} is more than the bound of ${bound}`);
    }),
    RUNS,
  );
});
