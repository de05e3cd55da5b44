import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fetch } from 'undici';
import { type JsonObject, listAt, objectAt } from '../../src/workloads/core/json.ts';
import { identityOf } from '../manifests/compositions.ts';
import { readExposition } from '../observability/exposition.ts';
import { startClusterNetwork } from './cluster-network.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import { deployment } from './objects.ts';
import { isReady, listPods, nameOf } from './pods.ts';
import { programIn } from './renderings.ts';
import { shellBlocks } from './shell-blocks.ts';

const found = await findTools(['kubernetes', 'kwok', 'helm']);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const blocks = shellBlocks(readFileSync(new URL('../../docs/install.md', import.meta.url), 'utf8'));
const DEPLOYMENT = '/apis/apps/v1/namespaces/packdown-system/deployments/packdown';
const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/packdown';

for (const way of ['With kubectl', 'With Helm']) {
  suite(`the steps of docs/install.md: ${way}`, { skip: skipWithout('controllers', found) }, () => {
    let controlPlane: ControlPlane;
    let kubelet: Kubelet;
    /** What there was before packdown. */
    let unchanged: readonly string[];

    before(async () => {
      if ('reason' in found) throw new Error(found.reason);
      controlPlane = await startControlPlane(found.tools, { controllers: ['job-controller'] });
      await startClusterNetwork(controlPlane, () => kubelet.ports());
      await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
      kubelet = startKubelet(controlPlane);
      await createNodes(controlPlane, 3);
      await controlPlane.apply(deployment('web', 6));
      await webPods(6);
      unchanged = await inventory();
    });

    afterEach(async (context) => {
      if ('passed' in context && !context.passed) console.error(await controlPlane.logs());
    });

    after(async () => {
      await kubelet?.stop();
      await controlPlane?.stop();
    });

    /** Runs a block as a user's shell would, with the tests' kubectl and helm. */
    const run = async (script: string) => {
      const path = [...new Set(['kubectl', 'helm'].map((name) => dirname(programIn(found, name)))), process.env.PATH];
      const environment = [
        `PATH=${path.join(':')}`,
        `KUBECONFIG=${controlPlane.adminKubeconfig}`,
        `HOME=${controlPlane.folder}`,
      ];
      const { code, stdout, stderr } = await controlPlane.run(
        'env',
        ...['-C', ROOT, ...environment, 'bash', '-euo', 'pipefail', '-c', script],
      );
      assert.equal(code, 0, `${script}\n${stdout}${stderr}`);
    };
    const webPods = (count: number) =>
      until(`${count} pods of web`, async () => {
        const pods = (await listPods(controlPlane)).filter(({ metadata }) => metadata.namespace === 'default');
        return pods.length === count && pods.every(isReady) && pods;
      });
    /** The ops port of a replica, once as many are ready as are asked for, and no others. */
    const opsPort = () =>
      until('all replicas of packdown to be ready', async () => {
        const { spec } = await controlPlane.api.get<JsonObject>(DEPLOYMENT);
        const [port, ...others] = kubelet.opsPorts();
        const isWhole = others.length + 1 === objectAt({ spec }, 'spec').replicas;
        return isWhole && (await kubelet.isSettled()) && port;
      });

    /** A scale-down takes what packdown plans, and its metrics tell: webhooks, certificate, rights and writes work. */
    const scaleDownIsSteered = async (replicas: number) => {
      const ops = `http://127.0.0.1:${await opsPort()}`;
      const scale = `Deployment/default/web=${replicas}`;
      const planned = await until('a plan', async () => {
        const plan = objectAt(await (await fetch(`${ops}/plan?scale=${encodeURIComponent(scale)}`)).json());
        return (
          listAt(plan, 'victims').length > 0 && listAt(plan, 'victims').map(({ pods }) => String([pods].flat()[0]))
        );
      });
      const pods = await webPods(replicas + planned.length);
      await until('the apiserver to trust the webhook', async () => {
        const { stderr } = await controlPlane.kubectl(
          'scale',
          'deployment/web',
          '--replicas=99999',
          '--dry-run=server',
        );
        return stderr.includes('sane-counts');
      });
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
          assert.deepEqual(kubelet.ports(), []);
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
