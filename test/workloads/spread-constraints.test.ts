import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSelected } from '../../src/domain/fleet/label-selector.ts';
import { readSpreadConstraints } from '../../src/workloads/core/spread-constraints.ts';

const labels = { app: 'web', 'pod-template-hash': '7c9d' };
const constraint = {
  maxSkew: 2,
  topologyKey: 'topology.kubernetes.io/zone',
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
};
const read = (topologySpreadConstraints: unknown, spec: object = {}) =>
  readSpreadConstraints({ ...spec, topologySpreadConstraints }, labels);
const app = { key: 'app', operator: 'In', values: ['web'] };

test('a constraint that must hold is read, with the defaults of its API', () => {
  assert.deepEqual(read([constraint]), [
    { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 2, minDomains: 1, counted: [app], nodes: [[]] },
  ]);
});

test('what only should hold, or cannot, is passed over, and what is no list is an error', () => {
  for (const nothing of [
    undefined,
    null,
    [],
    [{ ...constraint, whenUnsatisfiable: 'ScheduleAnyway' }],
    [{ ...constraint, maxSkew: 0 }],
    [{ ...constraint, maxSkew: 'two' }],
    [{ ...constraint, topologyKey: undefined }],
  ])
    assert.deepEqual(read(nothing), []);
  for (const odd of ['zone', [7], [{ ...constraint, labelSelector: { matchExpressions: 'x' } }]])
    assert.throws(() => read(odd), { code: 'MalformedObject' });
});

test('what it counts is what its selector selects, with the pod’s own values of the labels to match', () => {
  const labelSelector = { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['test'] }] };
  const [found] = read([{ ...constraint, labelSelector, matchLabelKeys: ['pod-template-hash', 'not-there'] }]);
  assert.deepEqual(found?.counted, [
    { key: 'tier', operator: 'NotIn', values: ['test'] },
    { key: 'pod-template-hash', operator: 'In', values: ['7c9d'] },
  ]);
  assert.equal(read([{ ...constraint, labelSelector: undefined }])[0]?.counted, null);
});

test('the domains are those of the nodes where the pod may be, unless it asks for all', () => {
  const required = (key: string) => ({ matchExpressions: [{ key, operator: 'Exists' }] });
  const nodeSelectorTerms = [required('h100'), required('a100')];
  const spec = {
    nodeSelector: { pool: 'gpu' },
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  };
  const [honoured] = read([constraint], spec);
  const isOn = (node: Readonly<Record<string, string>>) =>
    honoured?.nodes.some((selector) => isSelected(node, selector));
  assert.equal(isOn({ pool: 'gpu', a100: '' }), true);
  assert.equal(isOn({ pool: 'gpu' }), false);
  assert.equal(isOn({ h100: '' }), false);
  assert.deepEqual(read([{ ...constraint, nodeAffinityPolicy: 'Ignore' }], spec)[0]?.nodes, [[]]);
});

for (const [operator, values, selects] of [
  ['In', ['2', '3'], ['2']],
  ['NotIn', ['2'], ['10', undefined]],
  ['Exists', [], ['2', '10']],
  ['DoesNotExist', [], [undefined]],
  ['Gt', ['2'], ['10']],
  ['Lt', ['3'], ['2']],
] as const)
  test(`${operator} ${values} selects ${selects}`, () => {
    const selected = ['2', '10', undefined].filter((value) =>
      isSelected(value === undefined ? {} : { key: value }, [{ key: 'key', operator, values }]),
    );
    assert.deepEqual(selected, selects);
  });
