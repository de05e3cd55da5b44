import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, afterEach, before, suite, test } from 'node:test';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { createKthenaDefinition, type KthenaDouble, startKthenaDouble } from './kthena-double/kthena-double.ts';

const found = await findTools();
const skip = skipWithout('controllers', found);

suite('the control plane of the tests', { skip }, () => {
  let controlPlane: ControlPlane;
  let kthena: KthenaDouble;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createKthenaDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(async () => {
    await kthena?.stop();
    await controlPlane?.stop();
  });

  const podNames = async (selector: string) => {
    const { stdout } = await controlPlane.kubectl('get', 'pods', '-l', selector, '-o', 'name');
    return stdout
      .trim()
      .split('\n')
      .filter((name) => name !== '')
      .sort();
  };
  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);

  test('its nodes get ready', async () => {
    assert.deepEqual(await createNodes(controlPlane, 4), ['node-0', 'node-1', 'node-2', 'node-3']);
  });

  test('a Deployment gets its pods and loses them again', async () => {
    await controlPlane.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: onePodSpec },
      },
    });
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    assert.equal((await podNames('app=web')).length, 3);

    await kubectl('scale', 'deployment/web', '--replicas=1');
    await until('one pod to be left', async () => (await podNames('app=web')).length === 1);

    const scales = (await controlPlane.auditLog()).filter(({ objectRef }) => objectRef?.subresource === 'scale');
    assert.deepEqual(
      scales.map(({ verb, user, requestObject }) => [verb, user.username, requestObject]),
      [['patch', 'admin', { spec: { replicas: 1 } }]],
    );
  });

  test('a ModelServing loses the group with the lower deletion cost', async () => {
    kthena = await startKthenaDouble({ kubeconfig: controlPlane.adminKubeconfig, seed: 1 });
    const role = (name: string) => ({ name, replicas: 1, workerReplicas: 0, entryTemplate: { spec: onePodSpec } });
    await controlPlane.apply({
      apiVersion: 'workload.serving.volcano.sh/v1alpha1',
      kind: 'ModelServing',
      metadata: { name: 'llm', namespace: 'default' },
      spec: { replicas: 2, schedulerName: 'default-scheduler', template: { roles: [role('prefill'), role('decode')] } },
    });
    await kubectl('wait', '--for=jsonpath={.status.availableReplicas}=2', 'modelserving/llm', '--timeout=60s');
    assert.deepEqual(await podNames('modelserving.volcano.sh/name=llm'), [
      'pod/llm-0-decode-0-0',
      'pod/llm-0-prefill-0-0',
      'pod/llm-1-decode-0-0',
      'pod/llm-1-prefill-0-0',
    ]);

    for (const [group, cost] of [
      ['llm-0', 1],
      ['llm-1', 10],
    ]) {
      const selector = `modelserving.volcano.sh/group-name=${group}`;
      await kubectl('annotate', 'pods', '-l', selector, `controller.kubernetes.io/pod-deletion-cost=${cost}`);
    }
    await kubectl('scale', 'modelserving/llm', '--replicas=1');
    await kubectl('wait', '--for=jsonpath={.status.replicas}=1', 'modelserving/llm', '--timeout=60s');
    assert.deepEqual(await podNames('modelserving.volcano.sh/name=llm'), [
      'pod/llm-1-decode-0-0',
      'pod/llm-1-prefill-0-0',
    ]);
    assert.deepEqual(
      kthena.decisions.map(({ chosen }) => chosen),
      [[0]],
    );
  });

  test('a service account gets a token with its own rights and no more', async () => {
    await kubectl('create', 'serviceaccount', 'guest');
    const token = await controlPlane.serviceAccountToken('default', 'guest');
    const { stdout } = await controlPlane.kubectl(
      '--token',
      token,
      'auth',
      'whoami',
      '-o',
      'jsonpath={.status.userInfo.username}',
    );
    assert.equal(stdout, 'system:serviceaccount:default:guest');
    const { code, stderr } = await controlPlane.kubectl('--token', token, 'get', 'pods');
    assert.equal(code, 1);
    assert.match(stderr, /forbidden/);
  });

  test('nothing is left of it after it has been stopped', async () => {
    await kthena.stop();
    const processIds = controlPlane.processIds();
    assert.equal(processIds.length, 5);
    await controlPlane.stop();
    assert.deepEqual(processIds.filter(isAlive), []);
    assert.equal(existsSync(controlPlane.folder), false);
  });
});

const onePodSpec = {
  containers: [
    { name: 'server', image: 'server:1', resources: { limits: { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '1' } } },
  ],
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
