import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdmittedCounts } from '../../src/admission/admitted-counts.ts';
import { bytesInUse } from '../builders/memory.ts';
import { serving } from '../builders/workload.ts';

const YEAR = 365 * 24 * 3_600_000;
const chat = serving(4, {});

function admittedAt(time: number) {
  const clock = { time };
  const admitted = new AdmittedCounts(1000, () => clock.time);
  admitted.admit({ workload: chat, role: null, from: 4, to: 3 });
  return { clock, admitted, knows: (count = 3) => admitted.includes(chat, null, count) };
}

test('a count that was admitted is known for its lifetime', () => {
  const { clock, knows } = admittedAt(YEAR);
  clock.time += 999;
  assert.equal(knows(), true);
  clock.time += 1;
  assert.equal(knows(), false);
});

test('a count that was admitted while the clock was a year ahead is not known for a year', () => {
  const { clock, knows } = admittedAt(2 * YEAR);
  clock.time -= YEAR;
  assert.equal(knows(), false);
});

test('a count that was admitted is known for its lifetime, whatever else is admitted meanwhile', () => {
  const { clock, admitted, knows } = admittedAt(YEAR);
  clock.time += 600;
  admitted.admit({ workload: chat, role: null, from: 3, to: 2 });
  clock.time += 500;
  admitted.admit({ workload: chat, role: null, from: 2, to: 1 });
  assert.deepEqual([knows(3), knows(2), knows(1)], [false, true, true]);
});

test('counts that are known no more take no memory', () => {
  const { clock, admitted } = admittedAt(YEAR);
  const before = bytesInUse();
  for (let to = 0; to < 100_000; to += 1) {
    clock.time += 1;
    admitted.admit({ workload: chat, role: null, from: 4, to });
  }
  const taken = (bytesInUse() - before) / 2 ** 20;
  assert.ok(taken < 2, `${taken.toFixed(1)} MiB`);
  assert.equal(admitted.includes(chat, null, 99_999), true);
});

test('a count of one role that was admitted is no count of another, nor of groups', () => {
  const admitted = new AdmittedCounts(1000, () => YEAR);
  admitted.admit({ workload: chat, role: 'decode', from: 4, to: 3 });
  assert.deepEqual(
    ['decode', 'prefill', null].map((role) => admitted.includes(chat, role, 3)),
    [true, false, false],
  );
});
