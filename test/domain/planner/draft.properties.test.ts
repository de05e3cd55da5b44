import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Draft } from '../../../src/domain/planner/draft.ts';
import { compile, type Instance } from '../../../src/domain/planner/instance.ts';
import { listAt } from '../../../src/domain/planner/lists.ts';
import { smallProblem } from './random-problem.ts';

test('whatever is freed and taken back, a draft knows what one that was made at once knows', () => {
  let compared = 0;
  fc.assert(
    fc.property(smallProblem, fc.array(fc.nat(), { minLength: 10, maxLength: 30 }), (problem, moves) => {
      const instance = compile(problem);
      const costs = Float64Array.from(instance.poolOf, (_, member) => (member % 4) / 4);
      const draft = new Draft(instance, costs);
      for (const move of moves) {
        const block = instance.values.length === 0 ? undefined : move % instance.values.length;
        if (block === undefined) continue;
        const margin = marginIn(draft, instance, costs, block);
        if (draft.freed[block] === 1) assert.equal(draft.occupy(block), margin);
        else {
          assert.equal(draft.marginOf(block), margin);
          assert.equal(draft.free(block), margin);
        }
        compared += 1;
      }
      const fresh = new Draft(instance, costs);
      for (const [block, freed] of draft.freed.entries()) if (freed === 1) fresh.free(block);
      for (const known of ['freed', 'causes', 'used', 'value'] as const)
        assert.deepEqual(draft[known], fresh[known], known);
      for (const [pool, used] of draft.used.entries()) {
        const going = Array.from({ length: used }, (_, place) => draft.memberAt(pool, place)).sort((a, b) => a - b);
        const wanted = [...instance.poolOf.keys()].filter(
          (m) => instance.poolOf[m] === pool && (draft.causes[m] ?? 0) > 0,
        );
        assert.deepEqual(going, wanted);
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(compared > 500, `compared only ${compared} moves`);
});

/** A block's value less the costs of the members that only it makes go, by definition. */
function marginIn(draft: Draft, instance: Instance, costs: Float64Array, block: number): number {
  const alone = [...listAt(instance.holders, block)].filter((member) =>
    [...listAt(instance.blocks, member)].every((other) => other === block || draft.freed[other] === 0),
  );
  return alone.reduce((margin, member) => margin - (costs[member] ?? 0), instance.values[block] ?? 0);
}
