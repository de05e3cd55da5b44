import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Installation, installPackdown } from './installation.ts';
import { createKthenaDefinition } from './kthena-double/kthena-double.ts';
import { deployment, modelServing, pod } from './objects.ts';
import {
  costOf,
  costOwnerOf,
  firstBound,
  introduce,
  nameOf,
  type Pod,
  type PodList,
  recordPods,
  settledPods,
  writtenPods,
} from './pods.ts';

const found = await findTools();
const PODS = '/api/v1/namespaces/default/pods';
const SERVINGS = '/apis/workload.serving.volcano.sh/v1alpha1/namespaces/default/modelservings';
/** GPUs of a whole node: every pod of these tests fills one. */
const WHOLE = 8;
/** A machine that stops for a moment is no reason to decide without packdown. */
const httpTimeout = '5s';

suite('packdown as the extender of a scheduler that shows a certificate', {
  skip: skipWithout('controllers', found),
}, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createKthenaDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kwok']);
    packdown = await installPackdown(controlPlane, { binds: true });
    await createNodes(controlPlane, 3);
    for (const [name, value] of Object.entries({ lowest: 1, low: 10, high: 1000 })) {
      const metadata = { name };
      await controlPlane.api.create('/apis/scheduling.k8s.io/v1/priorityclasses', { metadata, value });
    }
  });

  afterEach(async (context) => {
    await printLogsOfFailure(context, controlPlane);
    await controlPlane.kubectlOutput('delete', 'deployments,pods,modelservings', '--all', '--wait=false');
    await settledPods(controlPlane, packdown, 0);
  });

  after(() => controlPlane?.stop());

  test('a bound pod carries its cost in its first version with a node, with no webhook registered', async () => {
    const { items } = await controlPlane.api.get<{ items: object[] }>(
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    );
    assert.deepEqual(items, []);
    const { metadata } = await controlPlane.api.get<PodList>(PODS);
    const watching = new AbortController();
    const versions: Pod[] = [];
    const watch = recordPods(controlPlane, metadata.resourceVersion, versions, watching.signal);
    await controlPlane.startScheduler(
      [{ ...packdown.extender, bindVerb: 'bind', httpTimeout }],
      packdown.schedulerProfiles,
    );
    await introduce(controlPlane, packdown, deployment('stamped', 0));
    for (const replicas of [1, 2, 3]) {
      await settledPods(controlPlane, packdown, replicas - 1);
      await controlPlane.kubectlOutput('scale', 'deployment/stamped', `--replicas=${replicas}`);
    }
    const created = (await settledPods(controlPlane, packdown, 3)).map(nameOf);
    const firsts = await until('the watch to have shown every pod with a node', async () =>
      firstBound(versions, created),
    );
    watching.abort();
    await watch;

    // On 64 CPUs, 512Gi and 8 GPUs with the weights 1, 1, 5, each pod fills its node by 10.27 of 100.
    assert.deepEqual(firsts.map(costOf).sort(), ['10', '21', '31']);
    assert.deepEqual(firsts.map(costOwnerOf), firsts.map(costOf));
    // A Binding each, and nothing else.
    assert.deepEqual((await writtenPods(controlPlane, packdown)).sort(), created.toSorted());
  });

  /** A gang of two on nodes of their own, the least important of all pods, and one pod that is a little more so. */
  const fillNodes = async () => {
    const serving = modelServing('chat', 1, { roles: { decode: { replicas: 2, gangMinimum: 2 } } });
    const { metadata } = await controlPlane.api.create<{ metadata: { uid: string } }>(SERVINGS, serving);
    for (const replica of [0, 1]) await controlPlane.api.create(PODS, gangPod(metadata.uid, replica));
    await controlPlane.api.create(PODS, on('node-2', pod('single', { gpus: WHOLE, priorityClassName: 'low' })));
    await settledPods(controlPlane, packdown, 3);
    await until('packdown to know the gang', async () => {
      const { requests } = await packdown.plan('ModelServing/default/chat=0');
      return requests.length === 1;
    });
  };
  const urgent = async (name: string) => {
    await controlPlane.api.create(PODS, pod(name, { gpus: WHOLE, priorityClassName: 'high' }));
    return until(`${name} to have a node`, async () => {
      const { spec } = await controlPlane.api.get<Pod>(`${PODS}/${name}`);
      return spec.nodeName;
    });
  };

  test('without packdown, preemption takes a pod of the gang, whose priority is the lowest', async () => {
    await controlPlane.startScheduler([]);
    await fillNodes();
    assert.match(await urgent('urgent'), /^node-[01]$/);
  });

  test('a low-priority gang is kept whole while another node can be preempted, and no longer', async () => {
    await controlPlane.startScheduler([{ ...packdown.extender, httpTimeout }]);
    await fillNodes();
    assert.equal(await urgent('urgent'), 'node-2');
    const { items } = await controlPlane.api.get<PodList>(PODS);
    const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    assert.deepEqual(staying.map(nameOf).sort(), [
      'default/chat-0-decode-0-0',
      'default/chat-0-decode-1-0',
      'default/urgent',
    ]);
    assert.match(await urgent('second'), /^node-[01]$/);
  });
});

/** A pod of the only group of ModelServing `chat`, as Kthena's controller makes it, on a node of its own. */
function gangPod(uid: string, replica: number) {
  const made = pod(`chat-0-decode-${replica}-0`, { gpus: WHOLE, priorityClassName: 'lowest' });
  const owner = { apiVersion: 'workload.serving.volcano.sh/v1alpha1', kind: 'ModelServing', name: 'chat', uid };
  const labels = {
    'modelserving.volcano.sh/name': 'chat',
    'modelserving.volcano.sh/group-name': 'chat-0',
    'modelserving.volcano.sh/role': 'decode',
    'modelserving.volcano.sh/role-id': `decode-${replica}`,
    'modelserving.volcano.sh/entry': 'true',
  };
  const metadata = { ...made.metadata, labels, ownerReferences: [{ ...owner, controller: true }] };
  return on(`node-${replica}`, { ...made, metadata });
}

function on<Made extends { spec: object }>(nodeName: string, made: Made) {
  return { ...made, spec: { ...made.spec, nodeName } };
}
