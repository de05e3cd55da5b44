import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { VICTIM } from '../../src/domain/fleet/annotations.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { installPackdown } from './installation.ts';
import { createKthenaDefinition, type KthenaDouble, startKthenaDouble } from './kthena-double/kthena-double.ts';
import { listPods, nameOf, type Pod } from './pods.ts';
import { REFUSAL, startRefusingWebhook } from './refusing-webhook.ts';
import { packdownMain } from './replica.ts';
import { fencePod, POD_DELETION_COST, Scaler, scale, settled } from './steering/scale-downs.ts';
import { deployment, replicaSet, servingGroups } from './steering/subjects.ts';

const found = await findTools();

const common = { namespace: 'llm', least: 3, most: 6 };
const chat = servingGroups({ ...common, name: 'chat', roles: [{ name: 'prefill' }, { name: 'decode', workers: 1 }] });
const bare = replicaSet({ ...common, name: 'bare' });
const web = deployment({ ...common, name: 'web' });
const subjects = [chat, bare, web];

suite('packdown serve --cleanup', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let kthena: KthenaDouble;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createKthenaDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
    kthena = await startKthenaDouble({ kubeconfig: controlPlane.adminKubeconfig, seed: 1 });
    await createNodes(controlPlane, 6);
    await controlPlane.api.create('/api/v1/namespaces', { metadata: { name: common.namespace } });
    await controlPlane.api.create('/api/v1/namespaces/default/pods', fencePod);
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(async () => {
    await kthena?.stop();
    await controlPlane?.stop();
  });

  const podsOfWorkloads = async () =>
    (await listPods(controlPlane)).filter(({ metadata }) => metadata.namespace === common.namespace);
  const isMarked = ({ metadata }: Pod) => metadata.annotations?.[VICTIM] !== undefined;

  test('leaves exactly the annotations that were there before packdown was installed', async () => {
    await controlPlane.apply(...subjects.map(({ object }) => object));
    await Promise.all(subjects.map((subject) => settled(controlPlane, subject, subject.most)));
    for (const [index, { metadata }] of (await podsOfWorkloads()).entries()) {
      const theirs = {
        metadata: { annotations: { [POD_DELETION_COST]: String(index), 'example.com/note': 'theirs' } },
      };
      const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
      if (index % 5 === 0) await controlPlane.api.patch(path, theirs, 'merge');
    }
    const before = new Map((await podsOfWorkloads()).map(({ metadata }) => [metadata.uid, metadata.annotations]));

    const packdown = await installPackdown(controlPlane, {
      config: { steering: { budget: '4s', settle: '200ms', takeBack: '10m' } },
    });
    const scaler = new Scaler(controlPlane, packdown);
    // Costs of steering on pods from before, then stamps on new ones, then marks that led nowhere.
    await scaler.scaleDownTogether(subjects);
    await Promise.all(subjects.map((subject) => scale(controlPlane, subject, subject.most)));
    await Promise.all(subjects.map((subject) => scaler.ready(subject, subject.most)));
    const webhook = await startRefusingWebhook(
      controlPlane,
      [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['replicasets/scale'] }],
      () => until('packdown to mark', async () => (await listPods(controlPlane)).some(isMarked)),
    );
    await until('the other webhook to be called', async () => {
      const { stderr } = await controlPlane.kubectl('scale', '-n=llm', 'rs/bare', '--replicas=5', '--dry-run=server');
      return stderr.includes(REFUSAL);
    });
    await assert.rejects(scale(controlPlane, bare, bare.least), RegExp(REFUSAL));
    await webhook.close();
    assert.ok((await podsOfWorkloads()).some(isMarked));

    await packdown.unregister();
    await packdown.stop();
    const flags = ['--cleanup', `--kubeconfig=${packdown.kubeconfig}`];
    const { code, stdout, stderr } = await controlPlane.run(process.execPath, packdownMain, 'serve', ...flags);
    assert.equal(code, 0, stdout + stderr);

    const pods = await podsOfWorkloads();
    assert.ok(pods.some(({ metadata }) => before.has(metadata.uid)));
    assert.ok(pods.some(({ metadata }) => !before.has(metadata.uid)));
    for (const pod of pods) {
      const { uid, annotations = {} } = pod.metadata;
      if (before.has(uid)) assert.deepEqual(annotations, before.get(uid) ?? {}, nameOf(pod));
      const ours = Object.keys(annotations).filter((key) => key.startsWith('packdown.io/'));
      assert.deepEqual(ours, [], nameOf(pod));
      if (!before.has(uid)) assert.equal(annotations[POD_DELETION_COST], undefined, nameOf(pod));
    }
  });
});
