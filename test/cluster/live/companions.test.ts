import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyObject, revisionObject } from '../../builders/kthena-objects.ts';
import { withLiveFleet } from './start-live-fleet.ts';
import { until } from './until.ts';

const REVISIONS = '/apis/apps/v1/controllerrevisions';
const POLICIES = '/apis/workload.serving.volcano.sh/v1alpha1/autoscalingpolicies';

test('ControllerRevisions of ModelServings are watched, by their label, and forgotten when they go', () =>
  withLiveFleet([], async ({ server, fleet }) => {
    const decode = () =>
      fleet
        .snapshot()
        .revisionsOf('uid-of-chat')[0]
        ?.roles.find(({ name }) => name === 'decode')?.replicas;
    server.put(REVISIONS, revisionObject(2));
    await until('it is there', () => decode() === 2);
    server.put(REVISIONS, revisionObject(4));
    await until('it has changed', () => decode() === 4);
    server.put(REVISIONS, revisionObject(4, { data: { spec: {} } }));
    await until('it holds no replicas any more', () => decode() === undefined);
    server.put(REVISIONS, revisionObject(3));
    await until('it holds some again', () => decode() === 3);
    server.remove(REVISIONS, 'llm', 'chat-7f9');
    await until('it is gone', () => fleet.snapshot().revisionsOf('uid-of-chat').length === 0);
    const asked = server.requests.filter(({ path }) => path === REVISIONS);
    assert.ok(asked.length >= 2);
    for (const { query } of asked) assert.equal(query.labelSelector, 'modelserving.volcano.sh/name');
  }));

test('AutoscalingPolicies are watched once their CRD is there', () =>
  withLiveFleet([], async ({ server, fleet, clock }) => {
    const chat = { group: 'workload.serving.volcano.sh', kind: 'ModelServing', namespace: 'llm', name: 'chat' };
    const policies = () =>
      fleet
        .snapshot()
        .ratioPoliciesOf(chat)
        .map(({ name }) => name);
    server.serve(POLICIES);
    server.put(POLICIES, policyObject());
    await until('it is there', () => {
      clock.advance(30_000);
      return policies().includes('chat-pair');
    });
    server.put(POLICIES, policyObject({ spec: {} }));
    await until('it declares no ratio any more', () => policies().length === 0);
    server.put(POLICIES, policyObject());
    await until('it declares one again', () => policies().length === 1);
    server.remove(POLICIES, 'llm', 'chat-pair');
    await until('it is gone', () => policies().length === 0);
  }));

test('what Kthena’s policies and bindings keep groups within is watched once their CRDs are there', () =>
  withLiveFleet([], async ({ server, fleet, clock }) => {
    const key = { group: 'workload.serving.volcano.sh', kind: 'ModelServing', namespace: 'llm', name: 'chat' };
    const keeps = () => {
      const found = fleet.snapshot().autoscaler(key);
      return found === null ? null : `${found.kind} ${found.minReplicas}..${found.maxReplicas}`;
    };
    const shows = (expected: string | null) =>
      until(`it is ${expected}`, () => {
        clock.advance(30_000);
        return keeps() === expected;
      });
    const bounds = { target: { targetRef: { name: 'chat' } }, minReplicas: 2, maxReplicas: 9 };
    const metadata = { namespace: 'llm', name: 'chat-bounds' };
    server.serve(POLICIES);
    server.put(POLICIES, { metadata, spec: { homogeneousTarget: bounds } });
    await shows('AutoscalingPolicy 2..9');
    server.put(POLICIES, { metadata, spec: {} });
    await shows(null);
    const bindings = POLICIES.replace('policies', 'policybindings');
    server.serve(bindings);
    server.put(bindings, { metadata, spec: { heterogeneousTarget: { params: [bounds] } } });
    await shows('AutoscalingPolicyBinding 2..9');
    server.put(POLICIES, { metadata, spec: { homogeneousTarget: { ...bounds, minReplicas: 3 } } });
    await shows('AutoscalingPolicy 3..9');
    server.remove(POLICIES, 'llm', 'chat-bounds');
    await shows('AutoscalingPolicyBinding 2..9');
    server.remove(bindings, 'llm', 'chat-bounds');
    await shows(null);
  }));
