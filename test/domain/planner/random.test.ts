import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/domain/planner/random.ts';

test('a seed gives the same numbers in every process', () => {
  const random = new Random(1);
  assert.deepEqual(
    Array.from({ length: 4 }, () => random.below(1000)),
    [627, 2, 527, 981],
  );
});

test('numbers are between 0 and 1, and evenly distributed', () => {
  const random = new Random(7);
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 10_000; draw += 1) {
    const number = random.next();
    assert.ok(number > 0 && number < 1);
    const tenth = Math.floor(number * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) assert.ok(count > 900 && count < 1100, `a tenth has ${count} of 10000`);
});
