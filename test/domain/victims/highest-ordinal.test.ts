import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highestOrdinal } from '../../../src/domain/victims/highest-ordinal.ts';
import { writtenCosts } from '../../../src/domain/victims/pool.ts';
import { candidates, poolOf } from '../../builders/pool.ts';
import { serving } from '../../builders/workload.ts';
import { statefulSetVictims } from '../../oracle/statefulset.ts';

const CASES = [
  { name: 'the highest ordinals go first, whatever they cost', members: '9 1 5!', wanted: 1, goes: [2, 1] },
  { name: 'ordinals count, not how many there are', members: '1 - 1 1', wanted: 2, goes: [3, 2] },
  { name: 'nothing goes when all ordinals are wanted', members: '1 1', wanted: 3, goes: [] },
  { name: 'ordinals may start higher', members: '- - - 1 1 1', first: 3, wanted: 2, goes: [5] },
];

for (const { name, members, first = 0, wanted, goes } of CASES) {
  test(`a StatefulSet shrinks: ${name}`, () => {
    const workload = serving(wanted, {}, { firstOrdinal: first });
    const request = { workload, role: null, from: wanted, to: wanted };
    const pool = poolOf(highestOrdinal, candidates(members), { request });
    const gone = highestOrdinal.victims(pool, wanted, writtenCosts);
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
  assert.equal(highestOrdinal.readsCosts, false);
});
