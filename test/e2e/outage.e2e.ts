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
import { costOf, costOwnerOf, introduce, isReady, listPods, nameOf, settledPods, writtenPods } from './pods.ts';

const found = await findTools();

suite('a cluster whose packdown is gone', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;
  /** Milliseconds that it takes on this machine with packdown there. */
  let usual: number;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await controlPlane.startComponents(['kube-controller-manager', 'kwok']);
    packdown = await installPackdown(controlPlane);
    await controlPlane.startScheduler([packdown.extender]);
    await createNodes(controlPlane, 4);
    await introduce(controlPlane, packdown, deployment('web', 0));
    usual = await scaleTo(2);
    await settledPods(controlPlane, packdown, 2);
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(() => controlPlane?.stop());

  /** Scales and waits until so many pods run; returns how long that took, in milliseconds. */
  const scaleTo = async (replicas: number) => {
    const started = performance.now();
    await controlPlane.kubectlOutput('scale', 'deployment/web', `--replicas=${replicas}`);
    await until(`${replicas} pods to run`, async () => {
      const pods = await listPods(controlPlane);
      return pods.length === replicas && pods.every(isReady);
    });
    return performance.now() - started;
  };

  test('it scales and binds as if packdown had never been there', async () => {
    await packdown.stop();
    assertFaster(await scaleTo(4), usual + 5000);
    const costs = (await listPods(controlPlane)).map(costOf);
    assert.equal(costs.filter((cost) => cost === undefined).length, 2);
    assertFaster(await scaleTo(3), usual + 5000);
  });

  test('once packdown is back, pods are stamped and scale-downs steered, with nothing else restarted', async () => {
    const processes = controlPlane.processIds();
    await packdown.restart();
    const before = (await settledPods(controlPlane, packdown, 3)).map(nameOf);
    await scaleTo(4);
    const pods = await settledPods(controlPlane, packdown, 4);
    const added = pods.filter((pod) => !before.includes(nameOf(pod)));
    assert.deepEqual(added.map(costOf), added.map(costOwnerOf));
    assert.notEqual(added.map(costOf)[0], undefined);

    const { victims, costs } = await packdown.plan('Deployment/default/web=2');
    await scaleTo(2);
    const planned = victims.flatMap(({ pods }) => pods);
    assert.deepEqual(
      (await listPods(controlPlane)).map(nameOf).sort(),
      pods
        .map(nameOf)
        .filter((pod) => !planned.includes(pod))
        .sort(),
    );
    assert.notEqual(costs.length, 0);
    assert.deepEqual(
      // Those of one stage are written at the same time.
      (await writtenPods(controlPlane, packdown)).sort(),
      costs.map(({ pod }) => pod).sort(),
    );
    assert.equal(controlPlane.processIds().length, processes.length + 1);
  });

  test('while packdown hangs, scaling and binding wait for the timeouts of the manifests and no longer', async () => {
    packdown.freeze();
    try {
      // 5 s for the Deployment and 5 s for its ReplicaSet; for the new pod 0.3 s for filter, then 2 s for the binding.
      assertFaster(await scaleTo(3), usual + 17_000);
    } finally {
      packdown.thaw();
    }
    await settledPods(controlPlane, packdown, 3);
  });
});

function assertFaster(took: number, limit: number): void {
  assert.ok(took < limit, `it took ${took.toFixed(0)} ms, more than ${limit.toFixed(0)}`);
}
