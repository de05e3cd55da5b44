import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addResources,
  maxResources,
  parseResources,
  type Resources,
  subtractResources,
} from '../../../src/domain/resources/resource-list.ts';

const resources = fc
  .array(fc.tuple(fc.constantFrom('cpu', 'memory', 'nvidia.com/gpu', 'pods'), fc.bigInt({ min: 0n, max: 10n ** 24n })))
  .map((entries): Resources => new Map(entries));

test('a ResourceList of texts and numbers is read', () => {
  assert.deepEqual(
    parseResources({ cpu: '500m', memory: '1Gi', 'nvidia.com/gpu': 2 }),
    new Map([
      ['cpu', 500_000_000n],
      ['memory', 1_073_741_824_000_000_000n],
      ['nvidia.com/gpu', 2_000_000_000n],
    ]),
  );
});

test('a missing ResourceList is an empty one', () => {
  assert.deepEqual(parseResources(undefined), new Map());
});

test('an illegal quantity is refused by the name of its resource', () => {
  assert.throws(() => parseResources({ cpu: '1', memory: '64 GB' }), {
    code: 'InvalidQuantity',
    message: /of memory, "64 GB"/,
  });
});

test('a sum holds every resource of either side', () => {
  const sum = addResources(parseResources({ cpu: 1, memory: 2 }), parseResources({ memory: 3, pods: 1 }));
  assert.deepEqual(sum, parseResources({ cpu: 1, memory: 5, pods: 1 }));
});

test('no lists add up to nothing', () => {
  assert.deepEqual(addResources(), new Map());
});

test('the maximum takes the larger amount of each resource', () => {
  const most = maxResources(parseResources({ cpu: 4, memory: 2 }), parseResources({ cpu: 1, memory: 3, pods: 1 }));
  assert.deepEqual(most, parseResources({ cpu: 4, memory: 3, pods: 1 }));
});

test('a difference goes below zero rather than forget what was taken', () => {
  const left = subtractResources(parseResources({ cpu: 4 }), parseResources({ cpu: 1, memory: 2 }));
  assert.deepEqual(left, parseResources({ cpu: 3, memory: -2 }));
});

test('the arguments of sums, differences and maxima stay as they were', () => {
  fc.assert(
    fc.property(resources, resources, (a, b) => {
      const [aBefore, bBefore] = [new Map(a), new Map(b)];
      addResources(a, b);
      subtractResources(a, b);
      maxResources(a, b);
      assert.deepEqual([a, b], [aBefore, bBefore]);
    }),
  );
});

test('a difference undoes a sum', () => {
  fc.assert(
    fc.property(resources, resources, (a, b) => {
      const back = subtractResources(addResources(a, b), b);
      for (const [name, quantity] of back) assert.equal(quantity, a.get(name) ?? 0n);
      for (const name of a.keys()) assert.ok(back.has(name));
    }),
  );
});

test('sums and maxima do not depend on the order of the lists', () => {
  fc.assert(
    fc.property(resources, resources, resources, (a, b, c) => {
      assert.deepEqual(addResources(a, b, c), addResources(c, addResources(b, a)));
      assert.deepEqual(maxResources(a, b, c), maxResources(c, maxResources(b, a)));
    }),
  );
});
