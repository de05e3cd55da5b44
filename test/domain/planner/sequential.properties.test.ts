import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runs } from '../victims/properties.ts';
import { nextStep, type StepProblem } from './next-step.ts';
import { bruteForce, freedNodes, smallProblem, worthOf } from './random-problem.ts';

const RUNS = runs(300);

const smallStep: fc.Arbitrary<StepProblem> = fc
  .record({ problem: smallProblem, outlook: fc.array(fc.nat(6), { minLength: 3, maxLength: 3 }) })
  .map(({ problem, outlook }) => ({ ...problem, outlook: outlook.slice(0, problem.budgets.length) }));
const anyTarget = fc.array(fc.nat(9), { maxLength: 6 });

test('a step removes exactly the budget of every pool, whatever the last target set holds', () => {
  fc.assert(
    fc.property(smallStep, anyTarget, (problem, target) => {
      const { removed } = nextStep(problem, target);
      assert.deepEqual(
        removed,
        [...new Set(removed)].sort((a, b) => a - b),
      );
      const count = (pool: number, members: readonly number[]) =>
        members.filter((index) => problem.members[index]?.pool === pool).length;
      for (const [pool, budget] of problem.budgets.entries())
        assert.equal(count(pool, removed), Math.min(budget, count(pool, [...problem.members.keys()])));
    }),
    RUNS,
  );
});

test('the target set is what the outlook can free, each node once, and never worth more than the optimum', () => {
  fc.assert(
    fc.property(smallStep, anyTarget, (problem, last) => {
      const { target } = nextStep(problem, last);
      assert.equal(new Set(target).size, target.length);
      const ends = problem.outlook.map((count, pool) => Math.max(count, problem.budgets[pool] ?? 0));
      assert.ok(worthOf(problem, target) <= bruteForce({ ...problem, budgets: ends }));
    }),
    RUNS,
  );
});

test('a single step with nothing to come frees the optimum, as the joint plan does', () => {
  let missed = 0;
  fc.assert(
    fc.property(smallProblem, (problem) => {
      const { removed } = nextStep({ ...problem, outlook: problem.budgets.map(() => 0) });
      const value = worthOf(problem, freedNodes(problem, removed));
      const optimum = bruteForce(problem);
      assert.ok(value <= optimum);
      if (value < optimum) missed += 1;
    }),
    RUNS,
  );
  assert.ok(missed <= RUNS.numRuns / 100, `missed the optimum in ${missed} of ${RUNS.numRuns} fleets`);
});

test('the same step gives the same members and the same target set', () => {
  fc.assert(
    fc.property(smallStep, anyTarget, (problem, target) => {
      assert.deepEqual(nextStep(problem, target), nextStep(structuredClone(problem), [...target]));
    }),
    RUNS,
  );
});
