import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contains, middle } from '../../../src/domain/victims/cost-window.ts';
import { runs } from './properties.ts';

const CASES = [
  { above: -1, below: 57, middle: 28 },
  { above: 0, below: 2, middle: 1 },
  { above: 0, below: 1, middle: null },
  { above: 5, below: 5, middle: null },
  { above: 5, below: 3, middle: null },
  { above: -1000, below: 0, middle: -500 },
  { above: -3, below: 0, middle: -2 },
];

for (const { above, below, middle: expected } of CASES) {
  test(`the middle between ${above} and ${below} is ${expected}`, () =>
    assert.equal(middle({ above, below }), expected));
}

test('neither end is in a window', () => {
  const window = { above: 3, below: 6 };
  assert.deepEqual(
    [2, 3, 4, 5, 6].map((cost) => contains(window, cost)),
    [false, false, true, true, false],
  );
  assert.equal(contains({ above: Number.NEGATIVE_INFINITY, below: Number.POSITIVE_INFINITY }, 0), true);
});

test('the middle is in the window, and missing only where no integer is', () => {
  const end = fc.integer({ min: -(2 ** 31), max: 2 ** 31 });
  fc.assert(
    fc.property(end, end, (above, below) => {
      const cost = middle({ above, below });
      if (cost === null) assert.ok(above + 1 >= below);
      else assert.ok(Number.isInteger(cost) && contains({ above, below }, cost));
    }),
    runs(2000),
  );
});
