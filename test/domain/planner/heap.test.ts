import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CheapestFirst } from '../../../src/domain/planner/heap.ts';

test('items come cheapest first, equally cheap ones by number, each as often as it was put in', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.nat(9))), (entries) => {
      const queue = new CheapestFirst();
      for (const [cost, item] of entries) queue.push(cost, item);
      const sorted = entries.map(([cost, item]) => ({ cost, item })).sort((a, b) => a.cost - b.cost || a.item - b.item);
      assert.deepEqual(
        entries.map(() => queue.pop()),
        sorted,
      );
      assert.equal(queue.pop(), undefined);
    }),
  );
});
