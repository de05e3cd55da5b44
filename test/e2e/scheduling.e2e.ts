import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { listAt, objectAt } from '../../src/workloads/core/json.ts';
import { MANIFESTS } from '../manifests/kustomize.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Installation, installPackdown } from './installation.ts';
import { deployment, pod } from './objects.ts';
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
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts';

const found = await findTools();
const PODS = '/api/v1/namespaces/default/pods';
/** A machine that stops for a moment is no reason to place a pod without packdown. */
const httpTimeout = '5s';

suite('scheduling with packdown', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;
  let proxy: RecordingProxy;
  let nodes: string[];

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await controlPlane.startComponents(['kube-controller-manager', 'kwok']);
    packdown = await installPackdown(controlPlane);
    proxy = await startRecordingProxy(packdown);
    nodes = await createNodes(controlPlane, 4);
  });

  afterEach(async (context) => {
    await printLogsOfFailure(context, controlPlane);
    await controlPlane.kubectlOutput('delete', 'deployments,pods', '--all', '--wait=false');
    await settled(0);
  });

  after(async () => {
    await proxy?.close();
    await controlPlane?.stop();
  });

  const settled = (count: number) => settledPods(controlPlane, packdown, count);
  /** Creates pods one after the other, each when packdown has seen the one before on its node. */
  const createInTurn = async (prefix: string, count: number) => {
    for (let index = 0; index < count; index += 1) {
      await controlPlane.api.create(PODS, pod(`${prefix}-${index}`, { gpus: 2 }));
      await settled(index + 1);
    }
    return settled(count);
  };

  test('without packdown, pods are spread over all nodes', async () => {
    await controlPlane.startScheduler([]);
    assert.deepEqual(podsPerNode(await createInTurn('spread', 8)), [2, 2, 2, 2]);
  });

  test('with filter and prioritize, pods that come one by one pack on as few nodes as hold them', async () => {
    const urlPrefix = `https://127.0.0.1:${proxy.port}/scheduler`;
    await controlPlane.startScheduler([{ ...packdown.extender, urlPrefix, httpTimeout }]);
    assert.deepEqual(podsPerNode(await createInTurn('packed', 8)), [4, 4]);
  });

  test('with the scheduler configuration of the manifests, the pods of a Deployment pack too, though they come at once', async () => {
    const urlPrefix = `https://127.0.0.1:${proxy.port}/scheduler`;
    await controlPlane.startScheduler([{ ...packdown.extender, urlPrefix, httpTimeout }], packdown.schedulerProfiles);
    await controlPlane.api.create('/apis/apps/v1/namespaces/default/deployments', deployment('burst', 8, { gpus: 2 }));
    assert.deepEqual(podsPerNode(await settled(8)), [4, 4]);
  });

  test('an image that an empty node has already is no reason to leave the node in use', async () => {
    const [inUse = '', withImage = ''] = nodes;
    const image = { names: ['server:1'], sizeBytes: 12_000_000_000 };
    await controlPlane.api.patch(`/api/v1/nodes/${withImage}/status`, { status: { images: [image] } }, 'merge');
    const first = pod('first', { gpus: 0 });
    await controlPlane.api.create(PODS, { ...first, spec: { ...first.spec, nodeName: inUse } });
    await settled(1);
    await controlPlane.api.create(PODS, pod('second'));
    const placed = await settled(2);
    assert.deepEqual(podsPerNode(placed), [2]);
  });

  test('the scheduler speaks the wire format that the project pins', async () => {
    const sample = JSON.parse(await readFile(join(MANIFESTS, 'examples/reviews/schedule-embed.json'), 'utf8'));
    const [created] = await createInTurn('asked', 1);
    const podUid = created?.metadata.uid;
    const asked = proxy.exchanges.filter(({ request }) => objectAt(request, 'Pod', 'metadata').uid === podUid);

    assert.deepEqual(
      asked.map(({ method, path, httpVersion, contentType }) => [method, path, httpVersion, contentType]),
      [
        ['POST', '/scheduler/filter', '1.1', 'application/json'],
        ['POST', '/scheduler/prioritize', '1.1', 'application/json'],
      ],
    );
    for (const { request } of asked) {
      assert.deepEqual(keys(request), keys(sample));
      assert.deepEqual(keys(objectAt(request, 'Pod')), keys(sample.Pod));
      const { Nodes, NodeNames, Pod } = objectAt(request);
      assert.equal(Nodes, null);
      assert.deepEqual([NodeNames].flat().sort(), nodes);
      const { name, namespace } = objectAt(Pod, 'metadata');
      assert.deepEqual([name, namespace], ['asked-0', 'default']);
      const [container] = listAt(Pod, 'spec', 'containers');
      const requests = { cpu: '4', memory: '16Gi', 'nvidia.com/gpu': '2' };
      assert.deepEqual(objectAt(container, 'resources', 'requests'), requests);
    }
    const [filtered, prioritized] = asked.map(({ response }) => response);
    assert.deepEqual(filtered, {
      Nodes: null,
      NodeNames: objectAt(asked[0]?.request).NodeNames,
      FailedNodes: {},
      FailedAndUnresolvableNodes: {},
      Error: '',
    });
    // 2 of 8 GPUs, 4 of 64 CPUs and 16 of 512Gi with the weights 5, 1, 1: 19 of 100 on each of the empty nodes.
    const scores = [prioritized].flat().map((entry) => objectAt(entry));
    assert.deepEqual(
      scores.toSorted((a, b) => (String(a.Host) < String(b.Host) ? -1 : 1)),
      nodes.map((Host) => ({ Host, Score: 2 })),
    );
  });

  test('a bound pod carries its cost in its first version with a node, and packdown writes nothing', async () => {
    const { metadata } = await controlPlane.api.get<PodList>(PODS);
    const watching = new AbortController();
    const versions: Pod[] = [];
    const watch = recordPods(controlPlane, metadata.resourceVersion, versions, watching.signal);
    await introduce(controlPlane, packdown, deployment('stamped', 0));
    for (const replicas of [1, 2, 3]) {
      await settled(replicas - 1);
      await controlPlane.kubectlOutput('scale', 'deployment/stamped', `--replicas=${replicas}`);
    }
    const created = (await settled(3)).map(nameOf);
    const firsts = await until('the watch to have shown every pod with a node', async () =>
      firstBound(versions, created),
    );
    watching.abort();
    await watch;

    // On 64 CPUs, 512Gi and 8 GPUs with the weights 1, 1, 5, each pod fills its node by 10.27 of 100.
    for (const [node, stamped] of Map.groupBy(firsts, ({ spec }) => spec.nodeName)) {
      assert.deepEqual(stamped.map(costOf).sort(), ['10', '21', '31'].slice(0, stamped.length), node);
    }
    assert.deepEqual(firsts.map(costOwnerOf), firsts.map(costOf));
    assert.deepEqual(await writtenPods(controlPlane, packdown), []);
  });

  test('a pod is kept off the node that a scale-down is freeing, while another fits', async () => {
    const slow = { 'pod-delete.stage.kwok.x-k8s.io/delay': '10s' };
    await controlPlane.apply(deployment('wide', 2, { gpus: 5, annotations: slow }));
    await settled(2);
    await controlPlane.api.create(PODS, pod('neighbour'));
    const all = await settled(3);
    const shared = all.find((pod) => nameOf(pod) === 'default/neighbour')?.spec.nodeName;
    const freed = all.map(({ spec }) => spec.nodeName ?? '').find((node) => node !== shared) ?? '';
    assert.deepEqual((await packdown.plan('Deployment/default/wide=1')).nodesFreed, [freed]);

    await controlPlane.kubectlOutput('scale', 'deployment/wide', '--replicas=1');
    const currentPods = async () => (await controlPlane.api.get<PodList>(PODS)).items;
    await until('a pod to be ending', async () =>
      (await currentPods()).some(({ metadata }) => metadata.deletionTimestamp),
    );
    // Its 3 GPUs do not fit beside the neighbour, and the node that is being freed would score highest.
    await controlPlane.api.create(PODS, pod('newcomer', { gpus: 3 }));
    const node = await until('the newcomer to be bound', async () => {
      const newcomer = (await currentPods()).find(({ metadata }) => metadata.name === 'newcomer');
      return newcomer?.spec.nodeName;
    });
    assert.ok(node !== freed && node !== shared, `the newcomer went to ${node}`);
    const filtered = proxy.exchanges.findLast(({ path }) => path === '/scheduler/filter')?.response;
    assert.deepEqual(objectAt(filtered, 'FailedAndUnresolvableNodes'), {
      [freed]: 'packdown: a scale-down is freeing this node',
    });
  });
});

function podsPerNode(pods: Pod[]): number[] {
  return [...Map.groupBy(pods, ({ spec }) => spec.nodeName).values()].map(({ length }) => length).sort();
}

function keys(value: unknown): string[] {
  return Object.keys(objectAt(value)).sort();
}
