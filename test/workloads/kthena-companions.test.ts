import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readAutoscalingPolicy } from '../../src/workloads/kthena/autoscaling-policy.ts';
import { readControllerRevision } from '../../src/workloads/kthena/controller-revision.ts';
import { readGroupAutoscaler } from '../../src/workloads/kthena/group-bounds.ts';
import { modelServing } from '../../src/workloads/kthena/model-serving.ts';
import { fleetOf } from '../builders/fleet.ts';
import { evenRatio, serving } from '../builders/workload.ts';

const owner = { apiVersion: 'workload.serving.volcano.sh/v1alpha1', kind: 'ModelServing', name: 'chat', uid: 'u1' };
const metadata = {
  namespace: 'llm',
  name: 'chat-7f9',
  creationTimestamp: '2026-06-01T12:00:00Z',
  labels: { 'modelserving.volcano.sh/name': 'chat', 'modelserving.volcano.sh/revision': '7f9' },
  ownerReferences: [{ ...owner, controller: true }],
};
const roles = [{ name: 'prefill', replicas: 2, workerReplicas: 3, entryTemplate: {} }, { name: 'decode' }];

describe('a ControllerRevision', () => {
  test('of a ModelServing holds the counts of its roles, one replica and no workers where they are left out', () => {
    assert.deepEqual(readControllerRevision({ metadata, data: { data: roles }, revision: 1 }), {
      namespace: 'llm',
      name: 'chat-7f9',
      owner: 'u1',
      created: Date.parse('2026-06-01T12:00:00Z'),
      roles: [
        { name: 'prefill', replicas: 2, workers: 3 },
        { name: 'decode', replicas: 1, workers: 0 },
      ],
    });
  });

  const others: readonly [title: string, object: Readonly<Record<string, unknown>>][] = [
    ['of a StatefulSet', { metadata: { ...metadata, labels: {} }, data: { spec: {} } }],
    ['without an owner', { metadata: { ...metadata, ownerReferences: [] }, data: { data: roles } }],
    ['of the form that leaves replicas out', { metadata, data: { spec: { template: { roles } } } }],
    ['without data', { metadata }],
  ];
  for (const [title, object] of others) {
    test(`${title} is none of ours`, () => assert.equal(readControllerRevision(object), null));
  }
});

const constraint = { numeratorRole: 'prefill', denominatorRole: 'decode', minRatio: '250m', maxRatio: 1 };
const policy = (ratioConstraint: object | undefined, targetRef: object = { kind: 'ModelServing', name: 'chat' }) => ({
  metadata: { namespace: 'llm', name: 'chat' },
  spec: { disaggregatedTarget: { targetRef, ...(ratioConstraint && { ratioConstraint }) } },
});

describe('an AutoscalingPolicy', () => {
  test('declares the ratio of two roles, exactly', () => {
    assert.deepEqual(readAutoscalingPolicy(policy(constraint)), {
      namespace: 'llm',
      name: 'chat',
      target: { group: 'workload.serving.volcano.sh', kind: 'ModelServing', namespace: 'llm', name: 'chat' },
      ratio: {
        numerator: 'prefill',
        denominator: 'decode',
        min: { over: 1n, under: 4n },
        max: { over: 1n, under: 1n },
        rounds: true,
      },
    });
    assert.deepEqual(readAutoscalingPolicy(policy({ ...constraint, minRatio: '0' }))?.ratio.min, {
      over: 0n,
      under: 1n,
    });
    assert.deepEqual(readAutoscalingPolicy(policy({ ...constraint, minRatio: '1' }))?.ratio.min, {
      over: 1n,
      under: 1n,
    });
    assert.equal(readAutoscalingPolicy(policy(constraint, { name: 'chat' }))?.target.kind, 'ModelServing');
  });

  test('without a constraint, or with one that says nothing, declares none', () => {
    assert.equal(readAutoscalingPolicy(policy(undefined)), null);
    assert.equal(readAutoscalingPolicy({ metadata: {}, spec: { homogeneousTarget: {} } }), null);
    assert.equal(readAutoscalingPolicy(policy({ ...constraint, minRatio: undefined })), null);
    assert.equal(readAutoscalingPolicy(policy({ ...constraint, minRatio: '2' })), null);
    assert.equal(readAutoscalingPolicy(policy({ ...constraint, minRatio: '-1' })), null);
    assert.equal(readAutoscalingPolicy(policy(constraint, {})), null);
  });

  test('whose ratio is no quantity cannot be read', () => {
    assert.throws(() => readAutoscalingPolicy(policy({ ...constraint, maxRatio: 'one' })), { code: 'InvalidQuantity' });
  });

  test('binds the ModelServing that it targets, in its own namespace or in another, and no other', () => {
    const fleet = fleetOf([]);
    const read = readAutoscalingPolicy(policy(constraint));
    const elsewhere = readAutoscalingPolicy(policy(constraint, { name: 'chat', namespace: 'other' }));
    assert.ok(read);
    fleet.putRatioPolicy(read);
    const declared = (namespace: string, name: string) =>
      modelServing.declaredRatio?.(serving(1, {}, { namespace, name }), fleet);
    assert.equal(declared('llm', 'chat'), read.ratio);
    assert.equal(declared('llm', 'other'), null);
    assert.equal(declared('other', 'chat'), null);
    assert.ok(elsewhere);
    fleet.putRatioPolicy(elsewhere);
    assert.equal(declared('other', 'chat'), elsewhere.ratio);
    assert.equal(declared('llm', 'chat'), null);
    fleet.deleteRatioPolicy('llm', 'chat');
    assert.equal(declared('other', 'chat'), null);
  });
});

test('of several AutoscalingPolicies of a ModelServing the first by name binds it, whichever was heard of first', () => {
  const chat = serving(1, { prefill: 2, decode: 2 });
  const first = { ...evenRatio(chat), name: 'a' };
  const second = { ...first, name: 'b', ratio: { ...first.ratio, max: { over: 9n, under: 1n } } };
  for (const heard of [
    [first, second],
    [second, first],
  ]) {
    const fleet = fleetOf([], [chat]);
    for (const policy of heard) fleet.putRatioPolicy(policy);
    assert.deepEqual(modelServing.declaredRatio?.(chat, fleet), first.ratio);
  }
});

describe('an autoscaler of Kthena keeps groups', () => {
  const bounds = (name: string, rest: object = {}) => ({
    target: { targetRef: { name, ...rest } },
    minReplicas: 2,
    maxReplicas: 9,
  });
  const read = (spec: object) =>
    readGroupAutoscaler('AutoscalingPolicy', { metadata: { namespace: 'llm', name: 'p' }, spec }).ranges.map(
      ({ target, minReplicas, maxReplicas }) =>
        `${target.kind}/${target.namespace}/${target.name} ${minReplicas}..${maxReplicas}`,
    );

  test('of one ModelServing, or of several', () => {
    assert.deepEqual(read({ homogeneousTarget: bounds('chat') }), ['ModelServing/llm/chat 2..9']);
    const params = [bounds('a100', { namespace: 'other' }), { ...bounds('h100'), minReplicas: 0 }];
    assert.deepEqual(read({ heterogeneousTarget: { params } }), [
      'ModelServing/other/a100 2..9',
      'ModelServing/llm/h100 0..9',
    ]);
  });

  test('not where it only moves roles', () => {
    const roles = { decode: { minReplicas: 2, maxReplicas: 4 } };
    assert.deepEqual(read({ disaggregatedTarget: { targetRef: { name: 'chat' }, roles } }), []);
    assert.deepEqual(read({}), []);
  });

  test('not where a binding of an older version names one role', () => {
    const target = { targetRef: { name: 'chat' }, subTargets: { kind: 'Role', name: 'decode' } };
    const ofRole = { ...bounds('chat'), target };
    assert.deepEqual(read({ homogeneousTarget: ofRole }), []);
    const params = [ofRole, bounds('h100')];
    assert.deepEqual(read({ heterogeneousTarget: { params } }), ['ModelServing/llm/h100 2..9']);
  });

  test('within counts, and else it is an error', () => {
    for (const odd of [{ ...bounds('chat'), minReplicas: -1 }, { ...bounds('chat'), maxReplicas: 'many' }, 'chat'])
      assert.throws(() => read({ homogeneousTarget: odd }), { code: 'MalformedObject' });
  });
});
