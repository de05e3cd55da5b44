import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { untilPackdownAgrees } from './agreement.ts';
import { compactEtcd } from './control-plane/etcd.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { isPodPatch } from './fault-proxy/faults.ts';
import { podTemplate } from './objects.ts';
import { listPods, type Pod } from './pods.ts';
import { planned, type ScaleDown, scale, settled } from './steering/scale-downs.ts';
import { type ServingCluster, startServingCluster } from './steering/serving-cluster.ts';
import { deployment, replicaSet, type Subject, servingGroups } from './steering/subjects.ts';
import { describe } from './steering/verdicts.ts';

const found = await findTools();

// Steady, for another target set between two tries would be a reason to choose others.
const common = { namespace: 'llm', least: 1, isSteady: true };
const chat = servingGroups({
  ...common,
  name: 'chat',
  roles: [{ name: 'prefill' }, { name: 'decode', workers: 1 }],
  most: 5,
});
const bare = replicaSet({ ...common, name: 'bare', most: 6 });
const web = deployment({ ...common, name: 'web', most: 6 });

suite('an apiserver that is killed, or has forgotten the past', { skip: skipWithout('controllers', found) }, () => {
  let cluster: ServingCluster;

  before(async () => {
    cluster = await startServingCluster(toolsIn(found), {
      nodes: 6,
      config: { steering: { budget: '4s', settle: '200ms' } },
    });
    await cluster.create([chat, bare, web]);
  });

  /** Their watches come back ever later when an apiserver is killed again and again within minutes. */
  beforeEach(async () => {
    const { controlPlane, packdown } = cluster;
    await controlPlane.stopComponent('kube-controller-manager');
    await controlPlane.stopComponent('kwok');
    await controlPlane.startComponents(['kube-controller-manager', 'kwok']);
    await controlPlane.startScheduler([packdown.extender], packdown.schedulerProfiles);
    await schedulerIsBack();
  });

  afterEach((context) => printLogsOfFailure(context, cluster.controlPlane));

  after(() => cluster?.stop());

  const agree = (...counts: [Subject, number][]) => untilPackdownAgrees(cluster.controlPlane, cluster.packdown, counts);

  const goneAsPlanned = async (scaleDown: ScaleDown) => {
    const [verdict] = await cluster.judge([scaleDown]);
    assert.ok(verdict !== undefined && verdict.planned.length > 0 && !verdict.missed, verdict && describe(verdict));
    return verdict.gonePods;
  };

  /** It ends itself when a pod was deleted and another one has got its name before its watch was back. */
  const schedulerIsBack = async () => {
    const { api } = cluster.controlPlane;
    const path = '/api/v1/namespaces/default/pods';
    await api.create(path, { metadata: { name: 'probe' }, spec: podTemplate({ gpus: 0 }).spec });
    await until('the scheduler to be back', async () => {
      const { spec } = await api.get<Pod>(`${path}/probe`);
      return spec.nodeName !== undefined;
    });
    await api.delete(`${path}/probe?gracePeriodSeconds=0`);
  };

  const startApiServer = async (...flags: string[]) => {
    await cluster.controlPlane.startApiServer(...flags);
    await schedulerIsBack();
  };

  /** Up to its most, and down again. */
  const scaleOnceMore = async (subject: Subject) => {
    const { controlPlane, scaler } = cluster;
    await scale(controlPlane, subject, subject.most);
    await goneAsPlanned(await scaler.scaleDown(subject, subject.most, subject.least + 1));
    await scale(controlPlane, subject, subject.most);
    await settled(controlPlane, subject, subject.most);
  };

  /** Kills the apiserver as soon as so many of packdown's costs are in etcd, before packdown hears of the last. */
  const killAfter = (costs: number) => {
    const { controlPlane, proxy } = cluster;
    const killed = Promise.withResolvers<void>();
    let written = 0;
    const killWhenWritten = () => {
      if (written === costs) controlPlane.killApiServer().then(killed.resolve, killed.reject);
    };
    proxy.strike((asked) => {
      if (isPodPatch(asked)) killWhenWritten();
      return null;
    });
    proxy.onAnswer((exchange) => {
      if (!isPodPatch(exchange) || exchange.status !== 200) return;
      written += 1;
      killWhenWritten();
    });
    return killed.promise.finally(() => {
      proxy.strike(null);
      proxy.onAnswer(null);
    });
  };

  const moments: [string, (costs: number) => number][] = [
    ['between planning and writing', () => 0],
    ['when half of the costs are written', (costs) => Math.ceil(costs / 2)],
    ['when all costs are written, but the change is not', (costs) => costs],
  ];
  for (const [moment, costsOf] of moments) {
    test(`killed ${moment}, the same victims go when the change is made again`, async () => {
      const { controlPlane, packdown, scaler } = cluster;
      const [from, to] = [chat.most, chat.least + 1];
      await scaler.ready(chat, from);
      const { pods, costs } = await planned(packdown, chat, to);
      assert.ok(costs >= 2, `${costs} costs would be written`);
      const processes = controlPlane.processIds().length;

      const killed = killAfter(costsOf(costs));
      await assert.rejects(scale(controlPlane, chat, to));
      await killed;
      await startApiServer();
      await agree([chat, from]);

      assert.deepEqual(await goneAsPlanned(await scaler.scaleDown(chat, from, to)), pods);
      await scaleOnceMore(chat);
      assert.equal(controlPlane.processIds().length, processes + 1);
    });
  }

  test('killed after the change is through and before its controller knows, the planned pods go', async () => {
    const { controlPlane, scaler } = cluster;
    // Not frozen: once thawed it may list ReplicaSets before pods, and choose by costs from before; nobody can help
    // that.
    await controlPlane.stopComponent('kube-controller-manager');
    const scaleDown = await scaler.scaleDown(bare, bare.most, bare.least, {
      meanwhile: async () => {
        await controlPlane.killApiServer();
        await startApiServer();
        await controlPlane.startComponents(['kube-controller-manager']);
      },
    });
    await goneAsPlanned(scaleDown);
    await agree([bare, bare.least]);
    await scaleOnceMore(bare);
  });

  for (const subject of [chat, web]) {
    test(`killed while pods of a ${subject.kind} are being deleted, the planned pods go`, async () => {
      const { controlPlane, scaler } = cluster;
      // They would be gone after 100 ms, perhaps between two looks; Kthena's take their time as they are.
      const slow = ['-l', subject.podSelector, 'pod-delete.stage.kwok.x-k8s.io/delay=2s'];
      if (subject === web) await controlPlane.kubectlOutput('annotate', 'pods', '--namespace=llm', ...slow);
      const scaleDown = await scaler.scaleDown(subject, subject.most, subject.least, {
        meanwhile: async () => {
          await until('a pod to be deleted', async () =>
            (await listPods(controlPlane)).some(({ metadata }) => metadata.deletionTimestamp !== undefined),
          );
          await controlPlane.killApiServer();
          await startApiServer();
        },
      });
      await goneAsPlanned(scaleDown);
      await agree([subject, subject.least]);
      await scaleOnceMore(subject);
    });
  }

  test('when etcd is compacted while packdown is cut off, it is told 410, lists anew and has nothing stale', async () => {
    const { controlPlane, packdown, proxy, scaler } = cluster;
    // With its cache of watches, an apiserver would answer from what it remembers itself.
    await controlPlane.killApiServer();
    await startApiServer('--watch-cache=false');
    await agree([chat, chat.most], [bare, bare.most], [web, web.most]);

    proxy.strike(() => ({ kind: 'refused', status: 503 }));
    proxy.resetWatches();
    await controlPlane.kubectlOutput('delete', '--namespace=llm', `modelserving/${chat.name}`);
    await scale(controlPlane, bare, bare.least);
    await scale(controlPlane, web, web.least);
    await Promise.all([settled(controlPlane, bare, bare.least), settled(controlPlane, web, web.least)]);
    await compactEtcd(controlPlane.etcdUrl);
    const heard = proxy.watchErrors.length;
    proxy.strike(null);

    await agree([bare, bare.least], [web, web.least]);
    assert.ok(proxy.watchErrors.slice(heard).includes(410), `watches ended with ${proxy.watchErrors.slice(heard)}`);
    assert.equal(await packdown.ready(), true);
    await until('packdown to forget what is gone', () =>
      packdown.plan(`ModelServing/llm/${chat.name}=1`).then(
        () => false,
        (error: unknown) => String(error).includes('NotFound'),
      ),
    );
    for (const subject of [bare, web]) await scaleOnceMore(subject);
    await goneAsPlanned(await scaler.scaleDown(web, web.most, web.least));
  });
});
