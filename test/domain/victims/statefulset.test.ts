import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writtenCosts } from '../../../src/domain/victims/pool.ts';
import { statefulSet } from '../../../src/domain/victims/statefulset.ts';
import { candidates, poolOf } from '../../builders/pool.ts';
import { statefulSetVictims } from '../../oracle/statefulset.ts';

const CASES = [
  { name: 'the highest ordinals go first, whatever they cost', members: '9 1 5!', wanted: 1, goes: [2, 1] },
  { name: 'ordinals count, not how many there are', members: '1 - 1 1', wanted: 2, goes: [3, 2] },
  { name: 'nothing goes when all ordinals are wanted', members: '1 1', wanted: 3, goes: [] },
  { name: 'ordinals may start higher', members: '- - - 1 1 1', first: 3, wanted: 2, goes: [5] },
];

for (const { name, members, first = 0, wanted, goes } of CASES) {
  test(`a StatefulSet shrinks: ${name}`, () => {
    const pool = poolOf(statefulSet, candidates(members), { firstOrdinal: first });
    const gone = statefulSet.victims(pool, wanted, writtenCosts);
    assert.deepEqual(
      gone.map(({ ordinal }) => ordinal),
      goes,
    );
    assert.deepEqual(
      gone.map(({ name }) => name),
      statefulSetVictims(pool.candidates, first + wanted),
    );
  });
}

test('a StatefulSet cannot be steered', () => {
  assert.equal(statefulSet.readsCosts, false);
  assert.deepEqual(
    statefulSet.encode(poolOf(statefulSet, candidates('1 1')), [], [], () => 0),
    {
      ok: false,
      reason: 'StatefulSet reads no costs: the highest ordinals go first',
    },
  );
});
