import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Floor, type FloorFacts, floorOf } from '../../src/domain/fleet/floor.ts';

const NOTHING: FloorFacts = { replicas: 10, annotation: undefined, autoscaler: null, rules: null, seenLow: null };

const CASES: readonly { readonly name: string; readonly facts: Partial<FloorFacts>; readonly floor: Floor }[] = [
  {
    name: 'the annotation decides, whatever else is known',
    facts: { annotation: '3', autoscaler: 5, rules: 4, seenLow: 6 },
    floor: { floor: 3, source: 'annotation' },
  },
  {
    name: 'a floor of 0 is a floor',
    facts: { annotation: '0', seenLow: 6 },
    floor: { floor: 0, source: 'annotation' },
  },
  {
    name: 'an annotation that is no count is not heard',
    facts: { annotation: '-1', autoscaler: 2 },
    floor: { floor: 2, source: 'autoscaler' },
  },
  {
    name: 'a count that was seen is better than the bound of an autoscaler',
    facts: { autoscaler: 2, seenLow: 6 },
    floor: { floor: 6, source: 'seen' },
  },
  {
    name: 'a bound that was raised since then holds all the same',
    facts: { autoscaler: 7, seenLow: 6 },
    floor: { floor: 7, source: 'autoscaler' },
  },
  {
    name: 'a rule that lets nobody below holds against a lower minimum',
    facts: { autoscaler: 1, rules: 2 },
    floor: { floor: 2, source: 'rules' },
  },
  {
    name: 'an autoscaler is named where a rule says the same',
    facts: { autoscaler: 2, rules: 2 },
    floor: { floor: 2, source: 'autoscaler' },
  },
  { name: 'the rules alone', facts: { rules: 4 }, floor: { floor: 4, source: 'rules' } },
  {
    name: 'nothing known: a fifth will go, rounded down',
    facts: { replicas: 9 },
    floor: { floor: 8, source: 'guess' },
  },
  { name: 'nothing known of one replica: it stays', facts: { replicas: 1 }, floor: { floor: 1, source: 'guess' } },
];

describe('the floor of a workload', () => {
  for (const { name, facts, floor } of CASES)
    test(name, () => assert.deepEqual(floorOf({ ...NOTHING, ...facts }), floor));
});
