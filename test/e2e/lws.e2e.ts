import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { createLwsDefinition, startLwsController } from './lws-controller/lws-controller.ts';

const found = await findTools(['kubernetes', 'kwok', 'lws']);
const skip = skipWithout('controllers', found);

suite('the LeaderWorkerSet controller', { skip }, () => {
  let controlPlane: ControlPlane;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createLwsDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
    await Promise.all([startLwsController(controlPlane, toolsIn(found)), createNodes(controlPlane, 2)]);
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(async () => {
    await controlPlane?.stop();
  });

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  /** `<name> <group index>/<worker index>` of every pod that is not on its way out. */
  const members = async () => {
    const selector = encodeURIComponent('leaderworkerset.sigs.k8s.io/name=llm');
    const { items } = await controlPlane.api.get<{ items: Pod[] }>(
      `/api/v1/namespaces/default/pods?labelSelector=${selector}`,
    );
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata: { name, labels } }) => {
        const [group, worker] = ['group', 'worker'].map((of) => labels[`leaderworkerset.sigs.k8s.io/${of}-index`]);
        return `${name} ${group}/${worker}`;
      })
      .sort();
  };

  test('it makes 4 groups of 2 pods', async () => {
    const template = { spec: { containers: [{ name: 'server', image: 'server:1' }] } };
    await controlPlane.apply({
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      metadata: { name: 'llm', namespace: 'default' },
      spec: { replicas: 4, leaderWorkerTemplate: { size: 2, leaderTemplate: template, workerTemplate: template } },
    });
    await kubectl('wait', '--for=jsonpath={.status.readyReplicas}=4', 'leaderworkerset/llm', '--timeout=60s');
    assert.deepEqual(await members(), [
      'llm-0 0/0',
      'llm-0-1 0/1',
      'llm-1 1/0',
      'llm-1-1 1/1',
      'llm-2 2/0',
      'llm-2-1 2/1',
      'llm-3 3/0',
      'llm-3-1 3/1',
    ]);
  });

  test('scaled down, it deletes the groups of the highest index, whatever their deletion costs', async () => {
    for (const [groups, cost] of [
      ['0,1', -100],
      ['2,3', 100],
    ]) {
      const selector = `leaderworkerset.sigs.k8s.io/group-index in (${groups})`;
      await kubectl('annotate', 'pods', '-l', selector, `controller.kubernetes.io/pod-deletion-cost=${cost}`);
    }
    await kubectl('scale', 'leaderworkerset/llm', '--replicas=2');
    await until('4 pods to be left', async () => (await members()).length === 4);
    await kubectl('wait', '--for=jsonpath={.status.replicas}=2', 'leaderworkerset/llm', '--timeout=60s');
    assert.deepEqual(await members(), ['llm-0 0/0', 'llm-0-1 0/1', 'llm-1 1/0', 'llm-1-1 1/1']);
  });
});

interface Pod {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
}
