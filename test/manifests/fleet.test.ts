import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type JsonObject, listAt, objectAt, stringsAt, textOf } from '../../src/workloads/core/json.ts';
import { FleetArithmetic, nodeOf, requestsOf } from './fleet-arithmetic.ts';
import { documents, MANIFESTS, nameOf, only } from './kustomize.ts';

const FILE = join(MANIFESTS, 'examples/fleet.yaml');
const COST = 'controller.kubernetes.io/pod-deletion-cost';
const OWNER = 'packdown.io/cost-owner';
const KTHENA = 'modelserving.volcano.sh';

const objects = documents(FILE);
const nodes = objects.filter(({ kind }) => kind === 'Node');
const pods = objects.filter(({ kind }) => kind === 'Pod');
const fleet = new FleetArithmetic(nodes, pods);

const metadataOf = (object: JsonObject) => objectAt(object, 'metadata');
const labelsOf = (object: JsonObject) => stringsAt(object, 'metadata', 'labels');
const annotationsOf = (object: JsonObject) => stringsAt(object, 'metadata', 'annotations');
const named = (prefix: string) => pods.filter((pod) => String(nameOf(pod)).startsWith(prefix));
const namesOf = (of: readonly JsonObject[]) => of.map((object) => String(nameOf(object)));

const GROUPS = ['chat-0', 'chat-1', 'chat-2', 'chat-3'];

test('six nodes have eight GPUs each', () => {
  assert.deepEqual(namesOf(nodes), ['gpu-1', 'gpu-2', 'gpu-3', 'gpu-4', 'gpu-5', 'gpu-6']);
  const amounts = { cpu: '64', memory: '512Gi', 'nvidia.com/gpu': '8', pods: '110' };
  for (const node of nodes) {
    assert.deepEqual(objectAt(node, 'status', 'allocatable'), amounts);
    assert.deepEqual(objectAt(node, 'status', 'capacity'), amounts);
  }
});

test('the table at the top of the file says how many GPUs are in use', () => {
  const rows = [...readFileSync(FILE, 'utf8').matchAll(/^# {3}(gpu-\d) {2}(\d) /gm)].map(([, node, gpus]) => [
    node,
    Number(gpus),
  ]);
  assert.deepEqual(
    rows,
    namesOf(nodes).map((node) => [node, fleet.usedOn(node).gpu]),
  );
});

test('no node is given more than it has', () => {
  for (const node of namesOf(nodes)) {
    const { cpu, memory, gpu } = fleet.usedOn(node);
    assert.ok(cpu <= 64 && memory <= 512 && gpu <= 8 && fleet.podsOn(node).length <= 110, node);
  }
});

test('every uid is there, and no two objects share one', () => {
  const uids = objects.map((object) => textOf(metadataOf(object).uid) ?? '');
  for (const uid of uids) assert.match(uid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(uids).size, objects.length);
});

test('every pod and every ReplicaSet has one controller, which is in the file', () => {
  for (const object of objects.filter(({ kind }) => kind === 'Pod' || kind === 'ReplicaSet')) {
    const [reference, ...others] = listAt(object, 'metadata', 'ownerReferences');
    assert.deepEqual(others, []);
    assert.equal(reference?.controller, true);
    const owner = only(objects, String(reference?.kind), String(reference?.name));
    assert.equal(owner.apiVersion, reference?.apiVersion);
    assert.equal(metadataOf(owner).uid, reference?.uid);
    assert.equal(metadataOf(owner).namespace, metadataOf(object).namespace);
  }
});

test('every pod runs and is ready since some time after it was created', () => {
  for (const pod of pods) {
    assert.equal(objectAt(pod, 'status').phase, 'Running');
    const [ready] = listAt(pod, 'status', 'conditions').filter(({ type }) => type === 'Ready');
    assert.equal(ready?.status, 'True');
    const since = Date.parse(String(ready?.lastTransitionTime));
    const created = Date.parse(String(metadataOf(pod).creationTimestamp));
    assert.ok(created < since && since < Date.parse('2025-06-01T00:00:00Z'), String(nameOf(pod)));
    for (const container of listAt(pod, 'status', 'containerStatuses')) assert.equal(container.ready, true);
  }
});

test('every workload has the pods that it asks for, and asks no more of them than its template says', () => {
  for (const [kind, name, prefix] of [
    ['ReplicaSet', 'embed-7c9d5b6f4d', 'embed-7c9d5b6f4d-'],
    ['StatefulSet', 'vector-db', 'vector-db-'],
  ] as const) {
    const workload = only(objects, kind, name);
    const found = named(prefix);
    assert.equal(found.length, objectAt(workload, 'spec').replicas);
    assert.equal(found.length, objectAt(workload, 'status').readyReplicas);
    for (const pod of found) {
      const labels = labelsOf(pod);
      const selector = stringsAt(workload, 'spec', 'selector', 'matchLabels');
      for (const [label, value] of Object.entries(selector)) assert.equal(labels[label], value);
      assert.deepEqual(requestsOf(objectAt(pod, 'spec')), requestsOf(objectAt(workload, 'spec', 'template', 'spec')));
    }
  }
  assert.deepEqual(namesOf(named('vector-db-')), ['vector-db-0', 'vector-db-1', 'vector-db-2']);
  assert.deepEqual(named('node-exporter-').map(nodeOf), namesOf(nodes));
});

test('the ReplicaSet carries what the Deployment controller notes on it', () => {
  const replicaSet = only(objects, 'ReplicaSet');
  const { replicas } = objectAt(only(objects, 'Deployment', 'embed'), 'spec');
  assert.equal(objectAt(replicaSet, 'spec').replicas, replicas);
  assert.deepEqual(annotationsOf(replicaSet), {
    'deployment.kubernetes.io/desired-replicas': String(replicas),
    'deployment.kubernetes.io/max-replicas': '8',
    'deployment.kubernetes.io/revision': '1',
  });
});

test('every group of chat is complete, with the names and labels that Kthena gives', () => {
  const chat = only(objects, 'ModelServing');
  assert.deepEqual(objectAt(chat, 'spec', 'template', 'gangPolicy'), { minRoleReplicas: { decode: 1, prefill: 1 } });
  assert.equal(objectAt(chat, 'spec').replicas, GROUPS.length);
  const expected = GROUPS.flatMap((group) =>
    listAt(chat, 'spec', 'template', 'roles').flatMap((role) =>
      Array.from({ length: Number(role.replicas) }, (_, replica) =>
        Array.from({ length: 1 + Number(role.workerReplicas) }, (_, pod) => ({
          name: `${group}-${role.name}-${replica}-${pod}`,
          requests: requestsOf(objectAt(role, pod === 0 ? 'entryTemplate' : 'workerTemplate', 'spec')),
          labels: {
            ...(pod === 0 ? { [`${KTHENA}/entry`]: 'true' } : {}),
            [`${KTHENA}/group-name`]: group,
            [`${KTHENA}/name`]: 'chat',
            [`${KTHENA}/revision`]: objectAt(chat, 'status').currentRevision,
            [`${KTHENA}/role`]: role.name,
            [`${KTHENA}/role-id`]: `${role.name}-${replica}`,
          },
        })),
      ).flat(),
    ),
  );
  const found = named('chat-').map((pod) => {
    const { [`${KTHENA}/role-template-hash`]: hash, ...labels } = labelsOf(pod);
    assert.match(hash ?? '', /^\w+$/);
    return { name: nameOf(pod), requests: requestsOf(objectAt(pod, 'spec')), labels };
  });
  assert.deepEqual(found, expected);
});

test('packdown has stamped what was bound last, one pod carries a cost of somebody else, and no other pod a cost', () => {
  const stamped = pods.filter((pod) => OWNER in annotationsOf(pod));
  assert.deepEqual(namesOf(stamped), [
    'chat-0-decode-1-0',
    'chat-0-decode-1-1',
    'chat-1-prefill-0-0',
    'chat-1-decode-0-0',
    'chat-1-decode-0-1',
    'chat-1-decode-1-0',
    'chat-1-decode-1-1',
  ]);
  for (const pod of stamped) {
    const atBinding = String(fleet.scoreWhenBound(pod));
    assert.deepEqual(annotationsOf(pod), { [COST]: atBinding, [OWNER]: atBinding });
  }
  const foreign = pods.filter((pod) => COST in annotationsOf(pod) && !stamped.includes(pod));
  assert.deepEqual(namesOf(foreign), ['embed-7c9d5b6f4d-4kqzx']);
  assert.deepEqual(foreign.map(annotationsOf), [{ [COST]: '1000' }]);
});

test('the lowest score, the highest ordinal and the most that is freed point to three different groups', () => {
  const facts = GROUPS.map((group) => {
    const members = named(`${group}-`);
    return [group, members.reduce((sum, pod) => sum + fleet.scoreOf(pod), 0), fleet.freedBy(members)];
  });
  assert.deepEqual(facts, [
    ['chat-0', 405, []],
    ['chat-1', 313, ['gpu-1']],
    ['chat-2', 300, []],
    ['chat-3', 306, []],
  ]);
});

test('of two groups, one pair frees two nodes', () => {
  const freed = (...groups: readonly string[]) => fleet.freedBy(groups.flatMap((group) => named(`${group}-`)));
  assert.deepEqual(freed('chat-0', 'chat-1'), ['gpu-1', 'gpu-2']);
  assert.deepEqual(freed('chat-0', 'chat-2'), []);
  assert.deepEqual(freed('chat-0', 'chat-3'), []);
  assert.deepEqual(freed('chat-1', 'chat-2'), ['gpu-1']);
  assert.deepEqual(freed('chat-1', 'chat-3'), ['gpu-1']);
  assert.deepEqual(freed('chat-2', 'chat-3'), []);
});

test('of two pods of embed, one pair frees a node', () => {
  const embed = named('embed-');
  const pairs = embed.flatMap((first, index) => embed.slice(index + 1).map((second) => [first, second]));
  const freeing = pairs.filter((pair) => fleet.freedBy(pair).length > 0);
  assert.deepEqual(freeing.map(namesOf), [['embed-7c9d5b6f4d-d5xnr', 'embed-7c9d5b6f4d-jl7vb']]);
  assert.deepEqual(freeing.map(fleet.freedBy), [['gpu-6']]);
});
