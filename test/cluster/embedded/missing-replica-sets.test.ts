import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadFleet } from '../../../src/cluster/embedded/load-fleet.ts';

const pod = (name: string) => `
- apiVersion: v1
  kind: Pod
  metadata:
    name: ${name}
    namespace: ns
    labels: {pod-template-hash: 5d4f}
    ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d4f, uid: rs, controller: true}]
  spec: {nodeName: n1}
  status: {phase: Running}`;
const list = (items: string) => `apiVersion: v1\nkind: List\nitems:${items}`;
const deployment =
  '\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: ns, uid: d}, spec: {replicas: 2}}';
const key = { group: 'apps', kind: 'ReplicaSet', namespace: 'ns', name: 'web-5d4f' };

test('a ReplicaSet that only its pods name is added at their count, under their Deployment', () => {
  const fleet = loadFleet(list(deployment + pod('web-1') + pod('web-2')), 'fleet.yaml');
  const replicaSet = fleet.workload(key);
  assert.equal(replicaSet?.replicas, 2);
  assert.equal(replicaSet?.owner?.uid, 'd');
  assert.deepEqual(
    fleet.workloadsOf('d').map(({ name }) => name),
    ['web-5d4f'],
  );
});

test('a ReplicaSet whose Deployment the file does not hold is added without an owner', () => {
  const fleet = loadFleet(list(pod('web-1')), 'fleet.yaml');
  assert.equal(fleet.workload(key)?.replicas, 1);
  assert.equal(fleet.workload(key)?.owner, null);
});

test('a ReplicaSet that the file holds stays as it is', () => {
  const replicaSet =
    '\n- {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-5d4f, namespace: ns, uid: rs}, spec: {replicas: 7}}';
  const fleet = loadFleet(list(replicaSet + pod('web-1')), 'fleet.yaml');
  assert.equal(fleet.workload(key)?.replicas, 7);
});
