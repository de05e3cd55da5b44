import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import type { PlanReport } from '../../src/workloads/plan-report.ts';
import { type Cluster, existingCluster } from './control-plane/cluster.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Installation, installPackdown } from './installation.ts';
import { createKthenaDefinition, type KthenaDouble, startKthenaDouble } from './kthena-double/kthena-double.ts';
import { deployment, modelServing, replicaSet, statefulSet } from './objects.ts';
import { costOf, listPods, nameOf, type Pod, settledPods, writtenPods } from './pods.ts';
import { packdownMain } from './replica.ts';

const found = await findTools();
/** A name that nobody else has in an existing cluster. */
const STATEFUL_SET = 'packdown-e2e';

suite('what packdown leaves alone', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;
  let kthena: KthenaDouble;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createKthenaDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
    packdown = await installPackdown(controlPlane);
    kthena = await startKthenaDouble({ kubeconfig: controlPlane.adminKubeconfig, seed: 1 });
    await createNodes(controlPlane, 4);
  });

  afterEach(async (context) => {
    await printLogsOfFailure(context, controlPlane);
    const kinds = 'modelservings,deployments,replicasets,statefulsets,pods';
    await kubectl('delete', kinds, '--all', '--all-namespaces', '--wait=false');
    await settled(0);
  });

  after(async () => {
    await kthena?.stop();
    await controlPlane?.stop();
  });

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  const settled = (count: number) => settledPods(controlPlane, packdown, count);
  const written = () => writtenPods(controlPlane, packdown);

  for (const workload of [deployment('web', 4), modelServing('llm', 4)]) {
    const { kind, metadata } = workload;
    const scale = `${kind}/default/${metadata.name}`;

    test(`${kind}: a cost that somebody else wrote survives a steered scale-down, and is heeded by it`, async () => {
      await controlPlane.apply(workload);
      const all = await settled(kind === 'Deployment' ? 4 : 8);
      const before = (await written()).length;
      const [wouldGo] = (await packdown.plan(`${scale}=2`)).victims;
      const foreign = wouldGo?.pods[0] ?? assert.fail('nothing would go');
      const [, name = ''] = foreign.split('/');
      await kubectl('annotate', 'pod', name, '--overwrite', 'controller.kubernetes.io/pod-deletion-cost=5000');
      await until('packdown to see whose cost it is', async () =>
        (await packdown.costs()).some(({ pod, owner }) => pod === foreign && owner === 'other'),
      );

      const { victims } = await packdown.plan(`${scale}=2`);
      const planned = victims.flatMap(({ pods }) => pods);
      await kubectl('scale', `${kind.toLowerCase()}/${metadata.name}`, '--replicas=2');
      const left = await settled(all.length / 2);
      assert.deepEqual(
        left.map(nameOf).sort(),
        all
          .map(nameOf)
          .filter((pod) => !planned.includes(pod))
          .sort(),
      );
      assert.deepEqual(left.filter((pod) => nameOf(pod) === foreign).map(costOf), ['5000']);
      const writes = (await written()).slice(before);
      assert.notEqual(writes.length, 0);
      assert.ok(!writes.includes(foreign));
    });
  }

  test('a namespace labelled packdown.io/ignore', async () => {
    const web = deployment('web', 3);
    const namespace = { name: 'ignored', labels: { 'packdown.io/ignore': 'true' } };
    await controlPlane.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: namespace },
      { ...web, metadata: { ...web.metadata, namespace: 'ignored' } },
    );
    const before = await written();
    await settled(3);
    await kubectl('-n', 'ignored', 'scale', 'deployment/web', '--replicas=1');
    assert.deepEqual((await settled(1)).map(costOf), [undefined]);
    assert.deepEqual(await written(), before);
  });

  test('every pod, on a dry run', async () => {
    await controlPlane.apply(deployment('web', 3), replicaSet('bare', 3), modelServing('llm', 3), statefulSet('db', 3));
    const before = (await settled(15)).map(versionOf).sort();
    const targets = ['deployment/web', 'replicaset/bare', 'modelserving/llm', 'statefulset/db'];
    for (const target of targets) {
      await kubectl('scale', target, '--replicas=1', '--dry-run=server');
      await kubectl('patch', target, '--type=merge', '-p', '{"spec":{"replicas":1}}', '--dry-run=server');
    }
    assert.deepEqual((await listPods(controlPlane)).map(versionOf).sort(), before);

    // The same without --dry-run does write.
    const writes = (await written()).length;
    await kubectl('scale', 'replicaset/bare', '--replicas=1');
    await settled(13);
    assert.ok((await written()).length > writes);
  });

  test('a StatefulSet, of which the plan says that the highest ordinals go', async () => {
    const before = await written();
    await highestOrdinalsGo(controlPlane);
    assert.deepEqual((await settled(2)).map(costOf), [undefined, undefined]);
    assert.deepEqual(await written(), before);
  });
});

const kubeconfig = process.env.E2E_KUBECONFIG ?? '';

if (kubeconfig !== '') {
  // Nothing is installed there: the cluster could not reach a webhook on this machine.
  suite('what packdown leaves alone in an existing cluster', () => {
    let cluster: Cluster;

    before(async () => {
      cluster = await existingCluster(kubeconfig);
    });

    after(async () => {
      await cluster?.kubectl('delete', 'statefulset', STATEFUL_SET);
      await cluster?.stop();
    });

    test('a StatefulSet, of which the plan says that the highest ordinals go', () => highestOrdinalsGo(cluster));
  });
}

function versionOf(pod: Pod): string {
  return `${nameOf(pod)} ${pod.metadata.resourceVersion}`;
}

/** Creates a StatefulSet and scales it from 4 to 2; its pods need not run. */
async function highestOrdinalsGo(cluster: Cluster): Promise<void> {
  const podNames = async () => {
    const query = ['get', 'pods', '-l', `app=${STATEFUL_SET}`, '-o', 'jsonpath={.items[*].metadata.name}'];
    return (await cluster.kubectl(...query)).stdout.split(' ').sort();
  };
  await cluster.apply(statefulSet(STATEFUL_SET, 4));
  await until('four pods of the StatefulSet', async () => (await podNames()).length === 4);

  const scale = ['--scale', `StatefulSet/default/${STATEFUL_SET}=2`, '-o', 'json'];
  const plan = [packdownMain, 'plan', '--kubeconfig', cluster.adminKubeconfig, ...scale];
  const { code, stdout, stderr } = await cluster.run(process.execPath, ...plan);
  assert.equal(code, 0, stderr);
  const { victims, costs }: PlanReport = JSON.parse(stdout);
  assert.deepEqual(
    victims.map(({ pods, steered }) => [...pods, steered]),
    [
      [`default/${STATEFUL_SET}-3`, false],
      [`default/${STATEFUL_SET}-2`, false],
    ],
  );
  assert.deepEqual(costs, []);

  await cluster.kubectl('scale', `statefulset/${STATEFUL_SET}`, '--replicas=2');
  await until('two pods of the StatefulSet', async () => (await podNames()).length === 2);
  assert.deepEqual(await podNames(), [`${STATEFUL_SET}-0`, `${STATEFUL_SET}-1`]);
}
