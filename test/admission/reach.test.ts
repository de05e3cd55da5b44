import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import { SILENCE_LIMIT } from '../../src/domain/fleet/silence.ts';
import { autoscalers } from '../../src/workloads/autoscaling/registry.ts';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { fleetBut } from '../builders/fleet.ts';
import { fleetOfObjects } from '../builders/object-reviews.ts';
import { objectOf } from '../builders/objects.ts';
import { type RequestFields, review } from '../builders/review.ts';
import { configOf, type WebhookOptions, webhook } from './webhook.ts';

const KTHENA = 'workload.serving.volcano.sh/v1alpha1';
const chat = (annotations = {}, partition = 2) =>
  objectOf(KTHENA, 'ModelServing', 'chat', {
    annotations,
    spec: {
      replicas: 4,
      rolloutStrategy: { rollingUpdateConfiguration: { partition } },
      template: {
        roles: [
          { name: 'prefill', replicas: 1 },
          { name: 'decode', replicas: 2 },
        ],
      },
    },
  });
const scaleTargetRef = { apiVersion: KTHENA, kind: 'ModelServing', name: 'chat' };

/** The creation of an autoscaler by the plural of its kind. */
function creation(resource: string, spec: object, fields: RequestFields = {}): object {
  const autoscaler = autoscalers.find((candidate) => candidate.resource === resource);
  assert.ok(autoscaler);
  const { group, kind, versions } = autoscaler;
  const apiVersion = `${group}/${versions[0]}`;
  return review({
    operation: 'CREATE',
    resource: { group, version: versions[0], resource },
    namespace: 'llm',
    name: 'elastic',
    object: { apiVersion, kind, metadata: { namespace: 'llm', name: 'elastic' }, spec },
    ...fields,
  });
}

const hpa = (minReplicas: number, maxReplicas: number, fields: RequestFields = {}) =>
  creation('horizontalpodautoscalers', { scaleTargetRef, minReplicas, maxReplicas }, fields);

/** What is warned of; an autoscaler is never refused. */
async function warnings(body: object, objects: readonly object[] = [chat()], options: WebhookOptions = {}) {
  const response = objectAt(
    await webhook({ index: fleetOfObjects(...objects), ...options }).validate(body),
    'response',
  );
  assert.equal(response.allowed, true);
  return listTexts(response, 'warnings');
}

const belowPartition =
  'HorizontalPodAutoscaler/llm/elastic may bring ModelServing/llm/chat to 1, which is refused: ' +
  'partition-floor: there would be 1 group, the partition protects 2; keep 2 groups, scale to 0, or lower the partition';

describe('an autoscaler whose bounds reach what is refused', () => {
  it('is warned about when it is created, when it is updated, and in a dry run', async () => {
    assert.deepEqual(await warnings(hpa(1, 9)), [belowPartition]);
    assert.deepEqual(await warnings(hpa(1, 9, { dryRun: true })), [belowPartition]);
    assert.deepEqual(await warnings(hpa(1, 9, { operation: 'UPDATE' })), [belowPartition]);
  });

  it('is left in peace where they do not, when it is deleted, and when its status is written', async () => {
    assert.deepEqual(await warnings(hpa(2, 9)), []);
    assert.deepEqual(await warnings(hpa(0, 9), [chat({}, 1)]), []);
    assert.deepEqual(await warnings(hpa(1, 9, { operation: 'DELETE', object: null })), []);
    assert.deepEqual(await warnings(hpa(1, 9, { operation: 'UPDATE', subResource: 'status' })), []);
  });

  it('may be of KEDA, which scales a ModelServing by name', async () => {
    const [warning, ...others] = await warnings(creation('scaledobjects', { scaleTargetRef, maxReplicaCount: 9 }));
    assert.equal(warning, belowPartition.replace('HorizontalPodAutoscaler', 'ScaledObject'));
    assert.deepEqual(others, []);
  });

  it('may be a policy of Kthena, of groups or of roles', async () => {
    const policy = (spec: object) => warnings(creation('autoscalingpolicies', spec));
    const target = { targetRef: { kind: 'ModelServing', name: 'chat' } };
    const single = await policy({ homogeneousTarget: { target, minReplicas: 1, maxReplicas: 9 } });
    assert.deepEqual(single, [belowPartition.replace('HorizontalPodAutoscaler', 'AutoscalingPolicy')]);
    const roles = { decode: { minReplicas: 0, maxReplicas: 8 } };
    const [warning, ...others] = await policy({ disaggregatedTarget: { ...target, roles } });
    assert.match(warning ?? '', /^AutoscalingPolicy\/llm\/elastic may bring .* to decode 0, .*: pd-both-or-none: /);
    assert.deepEqual(others, []);
  });

  it('is held to the ratio of the workload, though its own lets more through', async () => {
    const ratioConstraint = { numeratorRole: 'prefill', denominatorRole: 'decode', minRatio: '125m', maxRatio: '1' };
    const roles = { prefill: { minReplicas: 1, maxReplicas: 1 }, decode: { minReplicas: 1, maxReplicas: 8 } };
    const targetRef = { name: 'chat' };
    const body = creation('autoscalingpolicies', { disaggregatedTarget: { targetRef, roles, ratioConstraint } });
    assert.deepEqual(await warnings(body), []);
    const narrower = chat({ 'packdown.io/role-ratio': 'prefill:decode=1:4..1:1' });
    assert.match((await warnings(body, [narrower])).join('; '), /to prefill 1, decode 8, .*: pd-ratio: /);
    // An update comes before the fleet shows it.
    const spec = {
      disaggregatedTarget: { targetRef, roles, ratioConstraint: { ...ratioConstraint, minRatio: '250m' } },
    };
    const before = objectOf(KTHENA, 'AutoscalingPolicy', 'elastic', { spec });
    assert.deepEqual(await warnings(body, [chat(), before]), []);
  });

  it('is told of every rule once, and not of one that only warns there', async () => {
    const config = configOf('limits: {maxReplicas: 6}');
    const both = await warnings(hpa(1, 9), [chat()], { config });
    assert.deepEqual(
      both.map((warning) => /refused: ([\w-]+)/.exec(warning)?.[1]),
      ['partition-floor', 'sane-counts'],
    );
    const lenient = chat({ 'packdown.io/ordering': 'partition-floor=warn' });
    assert.deepEqual(await warnings(hpa(1, 9), [lenient]), []);
  });

  it('is warned about where the owner of its target asks for a number', async () => {
    const owner = objectOf('apps/v1', 'Deployment', 'web', { spec: { replicas: 3 } });
    const set = objectOf('apps/v1', 'ReplicaSet', 'web-5d', { owner, spec: { replicas: 3 } });
    const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d' }, maxReplicas: 9 };
    const [warning] = await warnings(creation('horizontalpodautoscalers', spec), [owner, set]);
    assert.match(warning ?? '', /: owned: replicas go from 3 to 1, but Deployment\/llm\/web asks for 3/);
  });

  it('is left in peace where an operator that packdown does not know owns its target', async () => {
    const owner = objectOf('serving.kserve.io/v1beta1', 'InferenceService', 'web');
    const web = objectOf('apps/v1', 'Deployment', 'web', { owner, spec: { replicas: 3 } });
    const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 9 };
    assert.deepEqual(await warnings(creation('horizontalpodautoscalers', spec), [web]), []);
  });

  it('is warned about through a scaler of a role, by the rules of what it scales', async () => {
    const api = 'workloads.x-k8s.io/v1alpha2';
    const roles = [
      { name: 'prefill', replicas: 1 },
      { name: 'decode', replicas: 2, dependencies: ['prefill'] },
    ];
    const group = objectOf(api, 'RoleBasedGroup', 'chat', { spec: { roles } });
    const adapter = objectOf(api, 'RoleBasedGroupScalingAdapter', 'chat-prefill', {
      owner: group,
      spec: { replicas: 1, scaleTargetRef: { name: 'chat', role: 'prefill' } },
    });
    const ref = { apiVersion: api, kind: 'RoleBasedGroupScalingAdapter', name: 'chat-prefill' };
    const body = creation('scaledobjects', { scaleTargetRef: ref, minReplicaCount: 0 });
    const found = await warnings(body, [group, adapter]);
    // No single update could bring both roles to none: pd-both-or-none only warns of it then.
    const start = 'ScaledObject/llm/elastic may bring RoleBasedGroup/llm/chat to prefill 0, which is refused: ';
    for (const warning of found) assert.ok(warning.startsWith(start), warning);
    assert.deepEqual(
      found.map((warning) => warning.slice(start.length).split(':')[0]),
      ['dependency-zero'],
    );
  });
});

describe('the bounds of an autoscaler are not looked at', () => {
  it('in an exempt namespace, its own or that of its target', async () => {
    const config = configOf('exemptNamespaces: [llm]');
    assert.deepEqual(await warnings(hpa(1, 9), [chat()], { config }), []);
    const target = { targetRef: { name: 'chat', namespace: 'llm' } };
    const spec = { homogeneousTarget: { target, minReplicas: 1, maxReplicas: 9 } };
    const body = creation('autoscalingpolicies', spec, { namespace: 'elsewhere' });
    assert.deepEqual(await warnings(body, [chat()], { config }), []);
    assert.equal((await warnings(body)).length, 1);
  });

  it('where the fleet does not show its target, which is said of kinds that packdown knows', async () => {
    assert.deepEqual(await warnings(hpa(1, 9), []), [
      'ModelServing/llm/chat is not in the fleet (yet): the bounds of HorizontalPodAutoscaler/llm/elastic were not looked at',
    ]);
    const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'chat' };
    const body = creation('horizontalpodautoscalers', { scaleTargetRef: rollout, maxReplicas: 9 });
    assert.deepEqual(await warnings(body, []), []);
  });

  it('while the fleet is silent', async () => {
    const wrap = (fleet: Fleet): Fleet => fleetBut(fleet, { staleness: () => SILENCE_LIMIT + 1 });
    const [warning, ...others] = await warnings(hpa(1, 9), [chat()], { wrap });
    assert.match(warning ?? '', /: the bounds of HorizontalPodAutoscaler\/llm\/elastic were not looked at$/);
    assert.deepEqual(others, []);
  });

  it('where they cannot be read, which is said', async () => {
    const spec = { scaleTargetRef, maxReplicas: 'many' };
    assert.deepEqual(await warnings(creation('horizontalpodautoscalers', spec)), [
      "packdown could not judge this, and allowed it: spec.maxReplicas is no count of replicas; write it as Kubernetes' API has it",
    ]);
    const [warning] = await warnings(hpa(1, 9, { object: null }));
    assert.equal(warning, 'the review holds no object to look at; allowed');
  });
});

describe('an AutoscalingPolicy of many roles', () => {
  const bounds = (count: number) =>
    creation('autoscalingpolicies', {
      disaggregatedTarget: {
        targetRef: { kind: 'ModelServing', name: 'chat' },
        roles: Object.fromEntries(
          Array.from({ length: count }, (_, n) => [`r${n}`, { minReplicas: 0, maxReplicas: 9 }]),
        ),
      },
    });

  it('is let through unjudged where each end of each with each of the others would be too many states', async () => {
    assert.deepEqual(await warnings(bounds(3)), []);
    assert.deepEqual(await warnings(bounds(12)), [
      'packdown could not judge this, and allowed it: spec.disaggregatedTarget may bring its roles to too many states, and packdown looked at none; see that no rule refuses its bounds',
    ]);
  });
});
