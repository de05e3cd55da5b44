import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { connect } from 'node:tls';
import { fetch } from 'undici';
import { type JsonObject, listAt, objectAt } from '../../src/workloads/core/json.ts';
import { MANIFESTS, objectsOf } from '../manifests/kustomize.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { writeKubeconfig } from './control-plane/kubeconfig.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { freePort } from './control-plane/processes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { deployment } from './objects.ts';
import { packdownMain } from './replica.ts';

const NAMESPACE = 'packdown-system';
const PODS = '/api/v1/namespaces/default/pods';
const WEB = '/apis/apps/v1/namespaces/default/deployments/web';

const found = await findTools();

suite('a certificate that packdown makes itself', { skip: skipWithout('apiserver', found) }, () => {
  let controlPlane: ControlPlane;
  const replicas: { port: number; opsPort: number }[] = [];

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    const objects = objectsOf(join(MANIFESTS, 'overlays/self-signed'));
    await controlPlane.apply(...objects.filter(({ kind }) => kind !== 'Deployment' && !isWebhook(kind)));
    await controlPlane.apply(deployment('web', 2));
    const kubeconfig = await writeKubeconfig(join(controlPlane.folder, 'packdown.kubeconfig'), {
      server: controlPlane.apiServerUrl,
      caFile: controlPlane.caFile,
      token: await controlPlane.serviceAccountToken(NAMESPACE, 'packdown'),
    });
    for (const _ of ['validating', 'mutating']) replicas.push({ port: await freePort(), opsPort: await freePort() });
    const webhooks = objects.filter(({ kind }) => isWebhook(kind));
    await controlPlane.apply(...webhooks.map((object, index) => strictlyAt(object, replicas[index]?.port ?? 0)));
    for (const [index, { port, opsPort }] of replicas.entries()) {
      const flags = {
        kubeconfig,
        host: '127.0.0.1',
        port,
        'ops-port': opsPort,
        'tls-secret': `${NAMESPACE}/packdown-tls`,
      };
      const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
      controlPlane.startProgram(`packdown-${index}`, process.execPath, [packdownMain, 'serve', ...args]);
    }
    for (const { opsPort } of replicas) {
      await until('packdown to be ready', async () => (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).ok);
    }
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(() => controlPlane?.stop());

  const served = () => Promise.all(replicas.map(({ port }) => fingerprintAt(port)));
  /** What both webhooks are asked about: a Deployment that changes, and a pod that would be created on a node. */
  const change = async (round: number) => {
    const annotations = { 'example.com/round': `${round}` };
    await controlPlane.api.patch<object>(WEB, { metadata: { annotations } }, 'merge');
    const spec = { nodeName: 'none', containers: [{ name: 'none', image: 'none' }] };
    await controlPlane.api.create<object>(`${PODS}?dryRun=All`, { metadata: { name: 'none' }, spec });
  };

  test('two replicas that start at once serve the same one, and the apiserver trusts it', async () => {
    const [first, second] = await served();
    assert.equal(first, second);
    // failurePolicy is Fail here: nothing passes unless the webhook was reached.
    await until('the apiserver to trust both webhooks', async () => {
      await change(0);
      return true;
    });
  });

  test('it is renewed on demand while changes go on, and none of them fails', async () => {
    const [before] = await served();
    const failures: unknown[] = [];
    let rounds = 0;
    let isRenewed = false;
    const changes = (async () => {
      while (!isRenewed) {
        rounds += 1;
        await change(rounds).catch((error: unknown) => failures.push(error));
      }
    })();
    await controlPlane.kubectlOutput(
      ...['-n', NAMESPACE, 'patch', 'secret', 'packdown-tls', '--type=json', '-p', '[{"op":"remove","path":"/data"}]'],
    );
    const renewed = until(
      'both replicas to serve a new certificate',
      async () => {
        const [first, second] = await served();
        return first === second && first !== before;
      },
      { timeout: 180_000 },
    );
    await renewed.finally(() => {
      isRenewed = true;
    });
    await changes;
    assert.deepEqual(failures, []);
    assert.ok(rounds > 10, `${rounds} changes`);
    await change(rounds + 1);
  });

  test('packdown may touch its own Secret and webhooks, and no others', async () => {
    const account = `--as=system:serviceaccount:${NAMESPACE}:packdown`;
    const may = async (...what: string[]) => (await controlPlane.kubectl('auth', 'can-i', ...what, account)).code === 0;
    const secret = (name: string) => [`secrets/${name}`, '-n', NAMESPACE];
    const webhook = (name: string) => [`validatingwebhookconfigurations.admissionregistration.k8s.io/${name}`];
    assert.deepEqual(
      [
        await may('patch', ...secret('packdown-tls')),
        await may('patch', ...webhook('packdown')),
        await may('get', ...secret('other')),
        await may('patch', ...webhook('other')),
        await may('list', 'secrets', '-n', NAMESPACE),
      ],
      [true, true, false, false, false],
    );
  });
});

function isWebhook(kind: unknown): boolean {
  return kind === 'ValidatingWebhookConfiguration' || kind === 'MutatingWebhookConfiguration';
}

/**
 * The configuration by URL and with failurePolicy Fail, as it is before anybody has set a caBundle. It waits for longer
 * than a machine stops: who does not trust a certificate says so at once.
 */
function strictlyAt(object: JsonObject, port: number): JsonObject {
  const webhooks = listAt(object, 'webhooks').map((webhook) => {
    const { path } = objectAt(webhook, 'clientConfig', 'service');
    const clientConfig = { url: `https://127.0.0.1:${port}${path}` };
    return { ...webhook, failurePolicy: 'Fail', timeoutSeconds: 30, clientConfig };
  });
  return { ...object, webhooks };
}

function fingerprintAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
