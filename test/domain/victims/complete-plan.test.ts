import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Choice } from '../../../src/domain/planner/solve.ts';
import { completePlan } from '../../../src/domain/victims/complete-plan.ts';
import type { OpenPlan } from '../../../src/domain/victims/plan.ts';

/** One pool of these members, of which `budget` go; complete, the plan is the names of those that do. */
function openOf(members: string, budget: number): OpenPlan<readonly string[]> {
  const names = members.split(' ');
  return {
    members: names,
    nodes: [],
    problem: {
      nodeValues: [],
      members: names.map((_, ordinal) => ({ pool: 0, nodes: [], keep: 0, ordinal })),
      budgets: [budget],
    },
    complete: (removed) => removed.map((index) => names[index] ?? '?').sort(),
  };
}

/**
 * Completes a plan that looks like this at its first look, its second, and so on; every choice is the next of
 * `choices`.
 */
async function complete(looks: readonly OpenPlan<readonly string[]>[], choices: readonly Choice[]) {
  const [left, answers] = [[...looks], [...choices]];
  const plan = await completePlan(
    () => left.shift() ?? assert.fail('looked too often'),
    () => answers.shift() ?? assert.fail('asked too often'),
  );
  return { plan, looks: looks.length - left.length, asked: choices.length - answers.length };
}

const later = (removed: readonly number[] | null) => Promise.resolve(removed);

describe('a plan whose choice', () => {
  it('is made at once is completed on the one look that it was made on', async () => {
    assert.deepEqual(await complete([openOf('a b c', 2)], [[0, 1]]), { plan: ['a', 'b'], looks: 1, asked: 1 });
  });

  it('came later is completed on a later look, by name', async () => {
    const looks = [openOf('a b c', 2), openOf('c x b a', 2)];
    assert.deepEqual(await complete(looks, [later([0, 1])]), { plan: ['a', 'b'], looks: 2, asked: 1 });
  });

  for (const [what, changed, second, expected] of [
    ['names one that is gone', openOf('b c d', 2), [1, 2], ['c', 'd']],
    ['takes fewer than go by now', openOf('a b c d', 3), [0, 1, 3], ['a', 'b', 'd']],
    ['takes more than go by now', openOf('a b c d', 1), [2], ['c']],
  ] as const) {
    it(`${what} is asked for again, on what is there now`, async () => {
      const looks = [openOf('a b c', 2), changed, changed];
      const { plan, asked } = await complete(looks, [later([0, 1]), later(second)]);
      assert.deepEqual([plan, asked], [expected, 2]);
    });
  }

  it('is overtaken again and again is made here and now in the end, on the last look', async () => {
    const looks = [openOf('a b c', 1), openOf('b c d', 1), openOf('c d e', 1)];
    assert.deepEqual(await complete(looks, [later([0]), later([0])]), { plan: ['e'], looks: 3, asked: 2 });
  });

  it('does not come in time is made here and now, on a look of now', async () => {
    assert.deepEqual(await complete([openOf('a b', 1), openOf('a b c', 1)], [later(null)]), {
      plan: ['c'],
      looks: 2,
      asked: 1,
    });
  });

  it('is made here and now keeps a spread all the same', async () => {
    const open = openOf('a b c', 1);
    const domains = new Map([1, 1, 0].map((domain, member) => [member, [domain]]));
    const spreads = [{ counts: [1, 2], domains, maxSkew: 1 }];
    const uneven = { ...open, problem: { ...open.problem, spreads } };
    assert.deepEqual((await complete([uneven, uneven], [later(null)])).plan, ['b']);
  });

  it('is awaited in vain throws what it threw', async () => {
    await assert.rejects(complete([openOf('a b', 1)], [Promise.reject(new Error('broken'))]), /broken/);
  });
});
