import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanation } from '../../src/commands/explanation.ts';
import { defaultConfig } from '../../src/config/config.ts';
import { fleetOf, NOW, servingGroup } from '../builders/fleet.ts';
import { fleetOfObjects } from '../builders/object-reviews.ts';
import { roleInstance, roleInstanceSet } from '../builders/rbg-objects.ts';
import { serving } from '../builders/workload.ts';

const OF_ROLES = [
  'Role prefill: expected to shrink to 1: the lowest count at this time of the last days',
  'Role decode: expected to shrink to 3: what its partition or its gang needs',
  'Role encode: not expected to shrink below 2: the lowest count at this time of the last days',
];

for (const [title, groups, expected] of [
  [
    'with each of its roles of which anything was seen, where the groups stay',
    2,
    ['Not expected to shrink below 2: the lowest count at this time of the last days', ...OF_ROLES],
  ],
  [
    'with its roles too where there were more groups than there are, which is no shrinking',
    20,
    ['Not expected to shrink below 20: the lowest count at this time of the last days', ...OF_ROLES],
  ],
  ['without its roles where groups go', 1, ['Expected to shrink to 1: the lowest count at this time of the last days']],
] as const) {
  test(`what was seen on the last days is said of a workload, ${title}`, () => {
    const chat = serving(2, { prefill: 2, decode: { replicas: 4, gangMinimum: 3 }, encode: 1, router: 1 });
    const snapshot = fleetOf([...servingGroup(chat, 0), ...servingGroup(chat, 1)], [chat]);
    const seen = new Map([
      [undefined, groups],
      ['prefill', 1],
      ['decode', 2],
      ['encode', 2],
    ]);
    const seenLow = (_: unknown, role?: string) => seen.get(role) ?? null;
    const name = `${chat.kind}/${chat.namespace}/${chat.name}`;
    const lines = explanation(name, { snapshot, config: defaultConfig, seenLow, now: NOW }).split('\n');
    assert.deepEqual(lines.slice(1, lines.indexOf('Replicas (not ready first, then the lowest cost):')), expected);
  });
}

test('no shrinking is expected of a workload that packdown leaves alone: no forecast counts on it', () => {
  const chat = serving(2, { decode: 1 }, { annotations: { 'packdown.io/steering': 'off', 'packdown.io/floor': '1' } });
  const snapshot = fleetOf([...servingGroup(chat, 0), ...servingGroup(chat, 1)], [chat]);
  const name = `${chat.kind}/${chat.namespace}/${chat.name}`;
  const text = explanation(name, { snapshot, config: defaultConfig, seenLow: () => null, now: NOW });
  assert.doesNotMatch(text, /to shrink/);
});

test('RoleInstances that a partition holds at an older revision are listed apart from the others', () => {
  const fleet = fleetOfObjects(
    roleInstanceSet(4, { partition: 2, updateRevision: 'r2' }),
    ...roleInstance('aa', 90, 'n1', 'r1'),
    ...roleInstance('bb', 60, 'n1', 'r1'),
    ...roleInstance('cc', 30, 'n2', 'r2'),
    ...roleInstance('dd', 10, 'n2', 'r2'),
  );
  const known = { snapshot: fleet, config: defaultConfig, seenLow: () => null, now: NOW };
  const lines = explanation('RoleInstanceSet/llm/chat-decode', known).split('\n');
  assert.deepEqual(
    lines.slice(2).map((line) => line.split(' (')[0]?.replace(/ {2}no cost.*/, '')),
    ['Replicas at revision r1', '  bb', '  aa', 'Replicas at revision r2', '  dd', '  cc'],
  );
});

test('annotations that nobody can read are warned of, for a workload that is steered', () => {
  const annotations = { 'packdown.io/floor': 'one', 'packdown.io/policy': 'ordnal' };
  const warningsOf = (extra: Readonly<Record<string, string>>) => {
    const chat = serving(2, { decode: 1 }, { annotations: { ...annotations, ...extra } });
    const snapshot = fleetOf([...servingGroup(chat, 0), ...servingGroup(chat, 1)], [chat]);
    const name = `${chat.kind}/${chat.namespace}/${chat.name}`;
    const text = explanation(name, { snapshot, config: defaultConfig, seenLow: () => null, now: NOW });
    return text.split('\n').filter((line) => line.startsWith('Warning: '));
  };
  assert.deepEqual(warningsOf({}), [
    'Warning: packdown.io/policy holds ordnal, which is none of consolidate, binpack, ordinal',
    'Warning: packdown.io/floor holds one, which is no number of replicas, 0 or more',
  ]);
  assert.deepEqual(warningsOf({ 'packdown.io/steering': 'off' }), []);
});
