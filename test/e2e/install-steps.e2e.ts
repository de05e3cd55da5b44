import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, suite, test } from 'node:test';
import { fetch } from 'undici';
import { type JsonObject, listAt, objectAt } from '../../src/workloads/core/json.ts';
import { identityOf } from '../manifests/compositions.ts';
import { readExposition } from '../observability/exposition.ts';
import type { ControlPlane } from './control-plane/control-plane.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { deployment } from './objects.ts';
import { type PodCluster, startPodCluster } from './pod-cluster.ts';
import { isReady, listPods, nameOf } from './pods.ts';
import { shellBlocks } from './shell-blocks.ts';

const found = await findTools(['kubernetes', 'kwok', 'helm']);
const blocks = shellBlocks(readFileSync(new URL('../../docs/install.md', import.meta.url), 'utf8'));
const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/packdown';

for (const way of ['With kubectl', 'With Helm']) {
  suite(`the steps of docs/install.md: ${way}`, { skip: skipWithout('controllers', found) }, () => {
    let cluster: PodCluster;
    let controlPlane: ControlPlane;
    /** What there was before packdown. */
    let unchanged: readonly string[];

    before(async () => {
      cluster = await startPodCluster(found);
      controlPlane = cluster.controlPlane;
      await controlPlane.apply(deployment('web', 6));
      await webPods(6);
      unchanged = await inventory();
    });

    afterEach((context) => printLogsOfFailure(context, controlPlane));

    after(() => cluster?.stop());

    const run = (script: string) => cluster.run(script);
    const webPods = (count: number) =>
      until(`${count} pods of web`, async () => {
        const pods = (await listPods(controlPlane)).filter(({ metadata }) => metadata.namespace === 'default');
        return pods.length === count && pods.every(isReady) && pods;
      });

    /** A scale-down takes what packdown plans, and its metrics tell: webhooks, certificate, rights and writes work. */
    const scaleDownIsSteered = async (replicas: number) => {
      const ops = `http://127.0.0.1:${await cluster.opsPort()}`;
      const scale = `Deployment/default/web=${replicas}`;
      const planned = await until('a plan', async () => {
        const plan = objectAt(await (await fetch(`${ops}/plan?scale=${encodeURIComponent(scale)}`)).json());
        return (
          listAt(plan, 'victims').length > 0 && listAt(plan, 'victims').map(({ pods }) => String([pods].flat()[0]))
        );
      });
      const pods = await webPods(replicas + planned.length);
      await cluster.isGuarded('web');
      await run(`kubectl scale deployment/web --replicas=${replicas}`);
      const left = await webPods(replicas);
      const expected = pods.map(nameOf).filter((name) => !planned.includes(name));
      assert.deepEqual(left.map(nameOf).sort(), expected.sort());
      const metrics = readExposition(await (await fetch(`${ops}/metrics`)).text());
      const steered = [...(metrics.get('packdown_steering_total')?.series ?? [])].reduce((sum, [, n]) => sum + n, 0);
      assert.ok(steered > 0);
    };

    const own = blocks.filter(({ section, isRunnable }) => section[0] === way && isRunnable);
    const sections = [...new Set(own.map(({ section }) => section[1]))];
    let replicas = 6;
    for (const section of sections) {
      test(`${section}`, async () => {
        const bundle = await caBundle();
        for (const { script } of own.filter((block) => block.section[1] === section)) await run(script);
        if (section !== 'Uninstall') {
          replicas -= 1;
          await scaleDownIsSteered(replicas);
          if (bundle !== null) assert.equal(await caBundle(), bundle);
        } else {
          await run(`kubectl scale deployment/web --replicas=${replicas - 1}`);
          await webPods(replicas - 1);
          await run(`kubectl scale deployment/web --replicas=6`);
          await webPods(6);
          assert.deepEqual(cluster.kubelet.ports(), []);
          // What is left says nothing of packdown, and there is nothing that was not there before.
          await until('the namespace to be gone', async () => {
            assert.deepEqual(await inventory(), unchanged);
            return true;
          });
        }
      });
    }

    /** What the webhooks trust; null where there is no webhook yet. */
    const caBundle = async () => {
      const configuration = await controlPlane.api.get<JsonObject>(CONFIGURATION).catch(() => null);
      return configuration && objectAt(listAt(configuration, 'webhooks')[0], 'clientConfig').caBundle;
    };

    /** Every object of the cluster but Events and the pods of web, and every mention of packdown in those. */
    const inventory = async () => {
      const kinds = (await controlPlane.kubectlOutput('api-resources', '--verbs=list', '-o', 'name'))
        .split('\n')
        .filter((kind) => kind !== '' && !kind.startsWith('events'));
      const all = ['get', [...new Set(kinds)].join(','), '--all-namespaces', '-o', 'json', '--show-managed-fields'];
      const items = listAt(JSON.parse(await controlPlane.kubectlOutput(...all)), 'items');
      const isWeb = (object: JsonObject) =>
        object.kind === 'Pod' && objectAt(object, 'metadata').namespace === 'default';
      return items
        .filter((object) => !isWeb(object) || JSON.stringify(object).includes('packdown'))
        .map(identityOf)
        .sort();
    };
  });
}

test('every command of docs/install.md is run, or its page says that it is not', () => {
  const ways = ['With kubectl', 'With Helm'];
  const left = blocks.filter(({ section, isRunnable }) => isRunnable && !ways.includes(section[0] ?? ''));
  assert.deepEqual(left, []);
});
