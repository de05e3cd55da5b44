import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endsOf } from '../../src/workloads/autoscaling/reach.ts';
import { autoscalerOfResource, autoscalers } from '../../src/workloads/autoscaling/registry.ts';
import type { JsonObject } from '../../src/workloads/core/json.ts';

/** What an autoscaler of this resource reaches, as `group/Kind/namespace/name: states`. */
function reached(resource: string, spec: object, annotations = {}): readonly string[] {
  const kind = autoscalers.find((candidate) => candidate.resource === resource);
  assert.ok(kind);
  return kind.reaches({ metadata: { namespace: 'llm', name: 'chat', annotations }, spec }).map(({ target, states }) => {
    const { group, kind: of, namespace, name } = target;
    const texts = states.map(
      ({ replicas, roles }) => replicas ?? [...roles].map(([role, count]) => `${role} ${count}`).join(' '),
    );
    return `${group}/${of}/${namespace}/${name}: ${texts.join(', ')}`;
  });
}

test('the ends of a range are its minimum, the lowest count above none, and its maximum', () => {
  assert.deepEqual([endsOf(0, 9), endsOf(1, 9), endsOf(3, 9), endsOf(3, 3)], [[0, 1, 9], [1, 9], [3, 9], [3]]);
});

describe('a HorizontalPodAutoscaler reaches', () => {
  const scaleTargetRef = { apiVersion: 'workload.serving.volcano.sh/v1alpha1', kind: 'ModelServing', name: 'chat' };
  const target = 'workload.serving.volcano.sh/ModelServing/llm/chat';

  test('both of its bounds, from 1 where it names no minimum', () => {
    const hpa = (spec: object) => reached('horizontalpodautoscalers', { scaleTargetRef, ...spec });
    assert.deepEqual(hpa({ minReplicas: 2, maxReplicas: 9 }), [`${target}: 2, 9`]);
    assert.deepEqual(hpa({ maxReplicas: 9 }), [`${target}: 1, 9`]);
    assert.deepEqual(hpa({ minReplicas: 0, maxReplicas: 9 }), [`${target}: 0, 1, 9`]);
  });
});

describe('a ScaledObject reaches', () => {
  const scaled = (spec: object, ref: object = {}) =>
    reached('scaledobjects', { scaleTargetRef: { name: 'web', ...ref }, ...spec });

  test('none, one and its maximum of a Deployment, by KEDA’s defaults', () =>
    assert.deepEqual(scaled({}), ['apps/Deployment//web: 0, 1, 100']));

  test('what it counts of what it names', () => {
    const ref = { apiVersion: 'grove.io/v1alpha1', kind: 'PodClique' };
    assert.deepEqual(scaled({ minReplicaCount: 2, maxReplicaCount: 9 }, ref), ['grove.io/PodClique//web: 2, 9']);
  });

  test('its idle count beside its bounds', () =>
    assert.deepEqual(scaled({ idleReplicaCount: 0, minReplicaCount: 2, maxReplicaCount: 9 }), [
      'apps/Deployment//web: 0, 2, 9',
    ]));

  test('the count at which it is paused, whatever its bounds', () => {
    const spec = { scaleTargetRef: { name: 'web' }, minReplicaCount: 2, maxReplicaCount: 9 };
    const paused = (count: string) => reached('scaledobjects', spec, { 'autoscaling.keda.sh/paused-replicas': count });
    assert.deepEqual(paused('1'), ['apps/Deployment//web: 1, 2, 9']);
    for (const none of ['2', 'few', '-1']) assert.deepEqual(paused(none), ['apps/Deployment//web: 2, 9']);
  });
});

describe('an AutoscalingPolicy reaches', () => {
  const policy = (spec: object) => reached('autoscalingpolicies', spec);
  const targetRef = { kind: 'ModelServing', name: 'chat' };
  const bounds = { minReplicas: 1, maxReplicas: 6 };
  const serving = 'workload.serving.volcano.sh/ModelServing';

  test('the groups of one ModelServing', () =>
    assert.deepEqual(policy({ homogeneousTarget: { target: { targetRef }, ...bounds } }), [`${serving}//chat: 1, 6`]));

  test('the groups of several, in their namespaces', () => {
    const elsewhere = { name: 'cheap', namespace: 'spot' };
    const params = [
      { target: { targetRef }, ...bounds },
      { target: { targetRef: elsewhere }, minReplicas: 0, maxReplicas: 8 },
    ];
    assert.deepEqual(policy({ heterogeneousTarget: { params } }), [
      `${serving}//chat: 1, 6`,
      `${serving}/spot/cheap: 0, 1, 8`,
    ]);
  });

  const roles = { prefill: { minReplicas: 0, maxReplicas: 2 }, decode: { minReplicas: 1, maxReplicas: 8 } };

  test('every end of one role with every end of the other', () =>
    assert.deepEqual(policy({ disaggregatedTarget: { targetRef, roles } }), [
      `${serving}//chat: prefill 0 decode 1, prefill 0 decode 8, prefill 1 decode 1, prefill 1 decode 8, prefill 2 decode 1, prefill 2 decode 8`,
    ]));

  test('of a pair with a ratio only what fits it, which Kthena keeps to, and both at zero', () => {
    const ratioConstraint = { numeratorRole: 'prefill', denominatorRole: 'decode', minRatio: '250m', maxRatio: '1' };
    assert.deepEqual(policy({ disaggregatedTarget: { targetRef, roles, ratioConstraint } }), [
      `${serving}//chat: prefill 1 decode 1, prefill 2 decode 8`,
    ]);
    const toZero = { ...roles, decode: { minReplicas: 0, maxReplicas: 8 } };
    assert.deepEqual(policy({ disaggregatedTarget: { targetRef, roles: toZero, ratioConstraint } }), [
      `${serving}//chat: prefill 0 decode 0, prefill 1 decode 1, prefill 2 decode 8`,
    ]);
  });

  test('of a pair with an exact ratio what is rounded to it as well', () => {
    const ratioConstraint = { numeratorRole: 'prefill', denominatorRole: 'decode', minRatio: '300m', maxRatio: '300m' };
    const ends = { prefill: { minReplicas: 1, maxReplicas: 3 }, decode: { minReplicas: 4, maxReplicas: 8 } };
    assert.deepEqual(policy({ disaggregatedTarget: { targetRef, roles: ends, ratioConstraint } }), [
      `${serving}//chat: prefill 1 decode 4, prefill 3 decode 8`,
    ]);
  });

  test('of a pair whose ratio may be 0 no side alone at zero either', () => {
    const ratioConstraint = { numeratorRole: 'prefill', denominatorRole: 'decode', minRatio: '0', maxRatio: '1' };
    assert.deepEqual(policy({ disaggregatedTarget: { targetRef, roles, ratioConstraint } }), [
      `${serving}//chat: prefill 1 decode 1, prefill 1 decode 8, prefill 2 decode 8`,
    ]);
  });

  test('nothing where it names no target', () => assert.deepEqual(policy({ metrics: [] }), []));
});

describe('bounds that are no counts', () => {
  const roles = (bounds: JsonObject) => ({
    disaggregatedTarget: { targetRef: { name: 'chat' }, roles: { decode: bounds } },
  });
  const cases: readonly [resource: string, spec: object][] = [
    ['horizontalpodautoscalers', { maxReplicas: 'many' }],
    ['horizontalpodautoscalers', { scaleTargetRef: 'web', maxReplicas: 3 }],
    ['scaledobjects', { minReplicaCount: -1 }],
    ['scaledobjects', { idleReplicaCount: 0.5 }],
    ['autoscalingpolicies', { homogeneousTarget: { minReplicas: 1 } }],
    ['autoscalingpolicies', { heterogeneousTarget: { params: 'none' } }],
    ['autoscalingpolicies', roles({ minReplicas: '1', maxReplicas: 3 })],
    ['autoscalingpolicies', { disaggregatedTarget: { roles: [] } }],
  ];
  for (const [resource, spec] of cases) {
    test(`are not read: ${resource} ${JSON.stringify(spec)}`, () =>
      assert.throws(() => reached(resource, spec), { code: 'MalformedObject' }));
  }
});

test('an autoscaler is told by group and resource', () => {
  assert.equal(autoscalerOfResource('autoscaling', 'horizontalpodautoscalers')?.kind, 'HorizontalPodAutoscaler');
  assert.equal(autoscalerOfResource('keda.sh', 'horizontalpodautoscalers'), undefined);
});
