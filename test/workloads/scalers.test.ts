import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scalersOf, withScalersCounts } from '../../src/workloads/scalers.ts';
import { fleetOf } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';

test('a workload whose roles nobody scales by an object of their own is the same object, so that what is kept of it is found again', () => {
  const chat = serving(2, { prefill: 1, decode: 2 });
  assert.equal(withScalersCounts(chat, scalersOf(chat, fleetOf([], [chat]))), chat);
});
