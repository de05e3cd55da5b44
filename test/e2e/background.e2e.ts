import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Installation, installPackdown } from './installation.ts';
import { deployment } from './objects.ts';
import { costOf, costOwnerOf, isReady, listPods, writtenPods } from './pods.ts';

const found = await findTools();
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/packdown-system/leases/packdown';
const TARGET_SET = '/api/v1/namespaces/packdown-system/configmaps/packdown-target-set';
/** The leader fills in costs once a minute. */
const OVER_A_MINUTE = 180_000;

suite('what the leader does in the background', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
    await createNodes(controlPlane, 3);
    await controlPlane.apply(deployment('old', 4));
    await until('pods that are older than packdown', async () => {
      const pods = await listPods(controlPlane);
      return pods.length === 4 && pods.every(isReady);
    });
    // What an earlier leader has seen is there already: it is taken up, and written anew.
    const data = { 'document.json': JSON.stringify({ quarters: [], lows: {} }) };
    const lows = { name: 'packdown-lows', namespace: 'packdown-system' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: lows.namespace } };
    await controlPlane.apply(namespace, { apiVersion: 'v1', kind: 'ConfigMap', metadata: lows, data });
    packdown = await installPackdown(controlPlane, { config: { background: true, steering: { settle: '0ms' } } });
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(async () => {
    await controlPlane?.stop();
  });

  test('a single replica leads by its Lease, with no other rights than those of the manifests', async () => {
    interface Lease {
      spec: { holderIdentity: string; leaseDurationSeconds: number };
    }
    const { spec } = await until('a Lease', () => controlPlane.api.get<Lease>(LEASE));
    assert.notEqual(spec.holderIdentity, '');
    assert.equal(spec.leaseDurationSeconds, 15);
  });

  test('pods that are older than packdown get a cost each, and then nothing more is written', async () => {
    const pods = await until(
      'costs',
      async () => {
        const all = await listPods(controlPlane);
        return all.every((pod) => costOf(pod) !== undefined) && all;
      },
      { timeout: OVER_A_MINUTE },
    );
    for (const pod of pods) assert.equal(costOwnerOf(pod), costOf(pod));
    // A pod shows what was written a moment before the audit log does.
    const written = () => writtenPods(controlPlane, packdown);
    await until('the writes in the audit log', async () => (await written()).length >= 4);
    assert.equal((await written()).length, 4);
  });

  test('the nodes that a scale-down empties are published for all replicas', async () => {
    interface ConfigMap {
      data: Record<string, string>;
    }
    const document = async () => (await controlPlane.api.get<ConfigMap>(TARGET_SET)).data['document.json'];
    assert.equal(await until('an empty target set', document), '{"nodes":[]}');
    const { victims, nodesFreed, targetSet } = await packdown.plan('Deployment/default/old=2');
    assert.deepEqual([victims.length, nodesFreed.length], [2, 2]);
    assert.match(String(targetSet), /^[0-9a-f]{12}$/);
    // Pods that take their time to go keep their nodes in the target set for as long.
    await controlPlane.kubectlOutput('annotate', 'pods', '--all', 'pod-delete.stage.kwok.x-k8s.io/delay=60s');
    const writes = (await writtenPods(controlPlane, packdown)).length;
    await controlPlane.kubectlOutput('scale', 'deployment/old', '--replicas=2');
    const expected = JSON.stringify({ nodes: [...nodesFreed].sort() });
    await until('the nodes', async () => (await document()) === expected, { timeout: OVER_A_MINUTE });
    assert.ok((await writtenPods(controlPlane, packdown)).length - writes <= 2);
    assert.notEqual((await packdown.plan('Deployment/default/old=1')).targetSet, targetSet);
  });

  test('nothing was refused to it and nothing failed', async () => {
    const refused = (await controlPlane.auditLog()).filter(
      ({ user, responseStatus }) => user.username === packdown.username && (responseStatus?.code ?? 0) >= 400,
    );
    assert.deepEqual(refused, []);
    assert.doesNotMatch(await packdown.logs(), /"level":(40|50)/);
  });
});
