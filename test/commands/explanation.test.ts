import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanation } from '../../src/commands/explanation.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { fleetOf, NOW, servingGroup } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';

test('what was seen on the last days is said of a workload, and of each of its roles of which anything was seen', () => {
  const chat = serving(2, { prefill: 2, decode: { replicas: 4, gangMinimum: 3 }, router: 1 });
  const snapshot = fleetOf([...servingGroup(chat, 0), ...servingGroup(chat, 1)], [chat]);
  const seen = new Map([
    [undefined, 1],
    ['prefill', 1],
    ['decode', 2],
  ]);
  const seenLow = (_: unknown, role?: string) => seen.get(role) ?? null;
  const name = `${chat.kind}/${chat.namespace}/${chat.name}`;
  const lines = explanation(name, { snapshot, config: defaultConfig, seenLow, now: NOW }).split('\n');
  assert.deepEqual(lines.slice(1, 5), [
    'Expected to shrink to 1: the lowest count at this time of the last days',
    'Role prefill: expected to shrink to 1: the lowest count at this time of the last days',
    'Role decode: expected to shrink to 3: what its partition or its gang needs',
    'Replicas (not ready first, then the lowest cost):',
  ]);
});
