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
import { deployment, modelServing, statefulSet } from './objects.ts';
import { settledPods } from './pods.ts';

const found = await findTools();

suite('Events on workloads, with the rights of the manifests', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createKthenaDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
    packdown = await installPackdown(controlPlane, { config: { limits: { maxReplicas: 9 } } });
    await createNodes(controlPlane, 4);
  });

  afterEach(async (context) => {
    await printLogsOfFailure(context, controlPlane);
    await kubectl('delete', 'deployments,statefulsets,modelservings,events', '--all');
    await settledPods(controlPlane, packdown, 0);
  });

  after(() => controlPlane?.stop());

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  /** The Events of packdown, oldest first, as the first line of each says it. */
  async function events(): Promise<string[]> {
    const columns = 'TYPE:.type,REASON:.reason,KIND:.involvedObject.kind,NAME:.involvedObject.name,NOTE:.message';
    const all = ['get', 'events', '--sort-by=.metadata.creationTimestamp', '--no-headers'];
    const lines = (
      await kubectl(...all, `--output=custom-columns=${columns}`, '--field-selector=reportingComponent=packdown')
    )
      .split('\n')
      .map((line) => line.trim().replace(/\s+/g, ' '));
    return lines.filter((line) => line !== '');
  }
  const someEvents = (count: number) =>
    until(`${count} Events of packdown`, async () => {
      const all = await events();
      return all.length >= count && all;
    });

  test('kubectl describe shows on a Deployment what a scale-down took, and kubectl get events too', async () => {
    await controlPlane.apply(deployment('web', 4));
    await settledPods(controlPlane, packdown, 4);
    await kubectl('scale', 'deployment/web', '--replicas=3');
    await settledPods(controlPlane, packdown, 3);
    const [only, ...others] = await someEvents(1);
    assert.deepEqual(others, []);
    assert.match(only ?? '', /^Normal SteeredScaleDown Deployment web ReplicaSet web-\w+ from 4 to 3: web-\S+ will go/);
    const described = await kubectl('describe', 'deployment', 'web');
    assert.match(described, /Normal +SteeredScaleDown +\S+ +packdown +ReplicaSet web-/);
  });

  test('a refusal that is repeated is one Event with a count', async () => {
    await controlPlane.apply(deployment('web', 1));
    await settledPods(controlPlane, packdown, 1);
    for (let time = 0; time < 3; time += 1) {
      const { code } = await controlPlane.kubectl('scale', 'deployment/web', '--replicas=10');
      assert.equal(code, 1);
    }
    const series = await until('the count to be 3', async () => {
      const described = await kubectl('describe', 'deployment', 'web');
      return described.includes('(x3 over') && described;
    });
    assert.match(
      series,
      /Warning +RefusedReplicaChange +\S+ \(x3 over \S+\) +packdown +sane-counts: .* the maximum is 9/,
    );
    assert.equal((await events()).length, 1);
  });

  test('where packdown observes, it says what would go', async () => {
    const { metadata, ...web } = deployment('web', 3);
    const annotations = { 'packdown.io/steering': 'observe' };
    await controlPlane.apply({ ...web, metadata: { ...metadata, annotations } });
    await settledPods(controlPlane, packdown, 3);
    await kubectl('scale', 'deployment/web', '--replicas=2');
    const [only] = await someEvents(1);
    assert.match(only ?? '', /^Normal ObservedScaleDown Deployment web .* would go/);
  });

  test('dry runs, scale-ups and kinds that nobody can steer have none', async () => {
    await controlPlane.apply(deployment('web', 3), statefulSet('db', 2), modelServing('llm', 2));
    await settledPods(controlPlane, packdown, 5);
    await until('packdown to know the ModelServing', () => packdown.plan('ModelServing/default/llm=1'));
    await kubectl('scale', 'deployment/web', '--replicas=2', '--dry-run=server');
    await controlPlane.kubectl('scale', 'deployment/web', '--replicas=10', '--dry-run=server');
    await kubectl('scale', 'statefulset/db', '--replicas=1');
    await kubectl('scale', 'modelserving/llm', '--replicas=3');
    await kubectl('scale', 'deployment/web', '--replicas=4');
    // As many pods as before: the Deployment's own word that it has followed.
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    await settledPods(controlPlane, packdown, 5);
    // Events are written one after another: had there been others, they would be there before this one.
    await kubectl('scale', 'deployment/web', '--replicas=3');
    const all = await someEvents(1);
    assert.match(all.join('\n'), /^Normal SteeredScaleDown Deployment web .* from 4 to 3: [^\n]*$/);
  });
});
