import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { load } from 'js-yaml';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import type { Policy } from '../../src/domain/victims/policies.ts';
import { isObject, type JsonObject, listAt, listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { webhook } from '../admission/webhook.ts';
import { planOf, scaleTo, scoreOf } from '../builders/fleet.ts';
import { scaleReview } from '../builders/review.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'manifests', 'examples', 'kthena');

function manifest(name: string): JsonObject {
  const object: unknown = load(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'));
  assert.ok(isObject(object));
  return object;
}

/** The manifest at so many groups. */
function withGroups(object: JsonObject, replicas: number): JsonObject {
  return { ...object, spec: { ...objectAt(object, 'spec'), replicas } };
}

/** The pods that Kthena makes of one group, each on a node of its own, named after the group and the pod. */
function groupOf(object: JsonObject, group: number): readonly JsonObject[] {
  const name = textOf(objectAt(object, 'metadata').name) ?? '';
  return listAt(object, 'spec', 'template', 'roles').flatMap((role) =>
    Array.from({ length: Number(role.replicas) * (1 + Number(role.workerReplicas)) }, (_, index) => {
      const replica = Math.floor(index / (1 + Number(role.workerReplicas)));
      const worker = index % (1 + Number(role.workerReplicas));
      const podName = `${name}-${group}-${role.name}-${replica}-${worker}`;
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: podName,
          namespace: 'default',
          labels: {
            'modelserving.volcano.sh/name': name,
            'modelserving.volcano.sh/group-name': `${name}-${group}`,
            'modelserving.volcano.sh/role': role.name,
            'modelserving.volcano.sh/role-id': `${role.name}-${replica}`,
            ...(worker === 0 ? { 'modelserving.volcano.sh/entry': 'true' } : {}),
          },
        },
        spec: {
          ...objectAt(role, worker === 0 ? 'entryTemplate' : 'workerTemplate', 'spec'),
          nodeName: `node-of-${podName}`,
        },
        status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      };
    }),
  );
}

/** A node of 16 GPUs for every pod, and beside the pods that `isCrowded` names a pod of somebody else. */
function fleetOf(object: JsonObject, groups: readonly number[], isCrowded: (pod: string) => boolean): FleetIndex {
  const pods = groups.flatMap((group) => groupOf(object, group));
  const names = pods.map((pod) => textOf(objectAt(pod, 'metadata').name) ?? '');
  const nodes = names.map((name) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node-of-${name}` },
    status: { allocatable: { cpu: 128, memory: '2000Gi', 'nvidia.com/gpu': 16 } },
  }));
  const crowd = names.filter(isCrowded).map((name) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `beside-${name}`, namespace: 'other' },
    spec: {
      nodeName: `node-of-${name}`,
      containers: [{ resources: { requests: { cpu: 16, memory: '100Gi', 'nvidia.com/gpu': 4 } } }],
    },
  }));
  return loadFleet(JSON.stringify({ kind: 'List', items: [object, ...nodes, ...pods, ...crowd] }), 'the example');
}

function servingOf(fleet: FleetIndex) {
  const [serving] = fleet.workloads();
  return serving ?? assert.fail('the fleet holds no ModelServing');
}

function victimsOf(fleet: FleetIndex, to: number, role: string | null = null, policy: Policy = 'binpack') {
  const plan = planOf(scaleTo(servingOf(fleet), to, role), fleet, policy);
  assert.deepEqual(plan.warnings, []);
  return plan.victims.map((victim) => {
    const { group, name } = victim.candidate;
    return [`${group}${role === null ? '' : `/${name}`}`, scoreOf(victim, fleet)];
  });
}

/** By example: the servingGroupScore of the group that is alone on its nodes, and why. */
const EXAMPLES: readonly [name: string, score: number, why: string][] = [
  ['gang', 0, '8 pods of 0.25 of 128 cpu: 0.2, which is 0, each'],
  ['gpu-pair', 12, '2 pods of 1 of 16 GPUs: 6.25, which is 6, each'],
  [
    'two-nodes',
    216,
    '4 pods of 96 of 128 cpu, 1000 of 2000Gi and 8 of 16 GPUs: 100 · (0.75 + 0.5 + 5 · 0.5) / 7 = 53.57, which is 54, each',
  ],
];
/** Examples whose pods request nothing, so that all scores are 0. */
const WITHOUT_REQUESTS = ['pair', 'rollout-by-group', 'rollout-by-role'];

describe('a group scale-down by binpack', () => {
  for (const [name, score, why] of EXAMPLES) {
    it(`of ${name} takes the lowest servingGroupScore, wherever it is in the list: ${score}, ${why}`, () => {
      const object = withGroups(manifest(name), 3);
      for (const lowest of [0, 1, 2]) {
        const fleet = fleetOf(object, [0, 1, 2], (pod) => !pod.startsWith(`${name}-${lowest}-`));
        assert.deepEqual(victimsOf(fleet, 2), [[`${name}-${lowest}`, score]]);
      }
    });
  }

  for (const name of [...EXAMPLES.map(([example]) => example), ...WITHOUT_REQUESTS]) {
    it(`of ${name} takes the highest ordinals where the scores are equal`, () => {
      const fleet = fleetOf(withGroups(manifest(name), 3), [0, 1, 2], () => false);
      assert.deepEqual(
        victimsOf(fleet, 1).map(([group]) => group),
        [`${name}-2`, `${name}-1`],
      );
    });
  }
});

describe('a role scale-down by binpack', () => {
  it('of gang takes the lowest roleScore of each group, and the highest ordinal where they are equal', () => {
    const fleet = fleetOf(withGroups(manifest('gang'), 2), [0, 1], (pod) => pod.startsWith('gang-0-decode-1'));
    assert.deepEqual(victimsOf(fleet, 1, 'decode'), [
      ['gang-0/decode-0', 0],
      ['gang-1/decode-1', 0],
    ]);
  });

  it('of two-nodes keeps <roles[0]>-0, on which HPA’s selector hangs, though it scores lowest', () => {
    const fleet = fleetOf(manifest('two-nodes'), [0], (pod) => pod.startsWith('two-nodes-0-large-1'));
    assert.deepEqual(
      victimsOf(fleet, 1, 'large').map(([replica]) => replica),
      ['two-nodes-0/large-1'],
    );
  });
});

describe('a scale-up', () => {
  for (const name of [...EXAMPLES.map(([example]) => example), ...WITHOUT_REQUESTS]) {
    it(`of ${name} by two after a gap creates the gap first`, () => {
      const fleet = fleetOf(withGroups(manifest(name), 2), [0, 2], () => false);
      assert.deepEqual(planOf(scaleTo(servingOf(fleet), 4), fleet).created, [`${name}-1`, `${name}-3`]);
    });
  }
});

describe('a review', () => {
  for (const name of [...EXAMPLES.map(([example]) => example), ...WITHOUT_REQUESTS]) {
    it(`of ${name} that takes one group of three is allowed, and says which`, async () => {
      const index = fleetOf(withGroups(manifest(name), 3), [0, 1, 2], () => false);
      const { validate, unjudged } = webhook({ index });
      const response = objectAt(await validate(scaleReview(servingOf(index), 2)), 'response');
      assert.equal(response.allowed, true);
      assert.equal(objectAt(response, 'auditAnnotations').victims, `${name}-2`);
      assert.equal(listTexts(response, 'warnings').length, 1);
      assert.deepEqual(unjudged, []);
    });
  }

  it('of gang that leaves it less than its gang needs is refused', async () => {
    const object = manifest('gang');
    const roles = listAt(object, 'spec', 'template', 'roles').map((role) => ({ ...role, replicas: 1 }));
    const next = {
      ...object,
      spec: { ...objectAt(object, 'spec'), template: { ...objectAt(object, 'spec', 'template'), roles } },
    };
    const index = fleetOf(object, [0], () => false);
    const { validate } = webhook({ index });
    const fields = { subResource: '', oldObject: object, object: next };
    const { allowed, status } = objectAt(await validate(scaleReview(servingOf(index), 1, fields)), 'response');
    assert.equal(allowed, false);
    assert.match(
      String(objectAt({ status }, 'status').message),
      /^gang-floor: role prefill would have 1 replica per group, its gang needs 2;/,
    );
  });
});
