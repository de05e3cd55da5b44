import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { type Installation, installPackdown } from './installation.ts';
import { deployment } from './objects.ts';
import { replicaChanges, type Workload } from './replica-changes.ts';

const found = await findTools();
const REPLICAS = 8;
const ROLLOUTS = 5;

/** How a Deployment goes from one template to the next. */
const strategies: Readonly<Record<string, object>> = {
  'more first': { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } },
  'fewer first': { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 2 } },
  'both at once': { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
  recreate: { type: 'Recreate', rollingUpdate: null },
};

suite('the owner’s own writes', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
    await createNodes(controlPlane, 4);
    packdown = await installPackdown(controlPlane, { config: { mode: 'off' } });
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(() => controlPlane?.stop());

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  const rolledOut = (name: string) => kubectl('rollout', 'status', `deployment/${name}`, '--timeout=60s');
  /** Updates of ReplicaSets: those that were refused, and how many there were. */
  const updates = async () => {
    const all = (await controlPlane.auditLog()).filter(
      ({ verb, objectRef }) => verb === 'update' && objectRef?.resource === 'replicasets' && !objectRef.subresource,
    );
    return { refused: all.filter(({ responseStatus }) => responseStatus?.code === 403), count: all.length };
  };

  for (const [title, strategy] of Object.entries(strategies)) {
    test(`a Deployment that rolls out with ${title} is never refused anything, nor when it is scaled meanwhile`, async () => {
      const name = title.replaceAll(' ', '-');
      const { spec, ...rest } = deployment(name, REPLICAS);
      await controlPlane.apply({ ...rest, spec: { ...spec, strategy } });
      await rolledOut(name);
      const before = (await updates()).count;
      for (let rollout = 1; rollout <= ROLLOUTS; rollout += 1) {
        await kubectl('set', 'image', `deployment/${name}`, `server=server:${rollout + 1}`);
        await kubectl('scale', `deployment/${name}`, `--replicas=${REPLICAS - (rollout % 3)}`);
        await rolledOut(name);
      }
      await kubectl('rollout', 'undo', `deployment/${name}`);
      await rolledOut(name);
      await kubectl('scale', `deployment/${name}`, '--replicas=0');
      await rolledOut(name);
      const after = await updates();
      console.log(`${title}: ${after.count - before} updates of ReplicaSets`);
      assert.ok(after.count - before >= 2 * ROLLOUTS);
      assert.deepEqual(after.refused, []);
      await kubectl('delete', `deployment/${name}`);
    });
  }

  test('a ReplicaSet that is scaled past its Deployment is refused, whichever way', async () => {
    await controlPlane.apply(deployment('web', 3));
    await rolledOut('web');
    const json = await kubectl('get', 'replicasets', '-l', 'app=web', '-o', 'json');
    const { items }: { readonly items: readonly Workload[] } = JSON.parse(json);
    const [set] = items;
    assert.ok(set !== undefined && items.length === 1);
    for (const [way, change] of Object.entries(replicaChanges)) {
      const whole = { ...set, apiVersion: 'apps/v1', kind: 'ReplicaSet' };
      const { metadata, ...rest } = whole;
      const bare = { ...rest, metadata: { ...metadata, managedFields: undefined } };
      const { code, stderr } = await change(controlPlane, bare, 2);
      assert.equal(code, 1, way);
      assert.match(
        stderr,
        /owned: replicas go from 3 to 2, but Deployment\/default\/web asks for 3; scale Deployment\/default\/web instead/,
        way,
      );
    }
    await kubectl('scale', 'deployment/web', '--replicas=2');
    await rolledOut('web');
    assert.equal((await packdown.plan('Deployment/default/web=1')).requests[0]?.from, 2);
  });
});
