import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { dump, load } from 'js-yaml';
import { Agent, fetch } from 'undici';
import { type JsonObject, listAt, listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { documents, MANIFESTS } from '../manifests/kustomize.ts';
import { readExposition } from '../observability/exposition.ts';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { writeKubeconfig } from './control-plane/kubeconfig.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { freePort } from './control-plane/processes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Installation, installPackdown } from './installation.ts';
import { pod } from './objects.ts';
import { isReady, type Pod, settledPods } from './pods.ts';
import { programIn } from './renderings.ts';

const found = await findTools();
const COMPONENT = join(MANIFESTS, 'components/second-scheduler');
const NAME = 'packdown-scheduler';
const NAMESPACE = 'packdown-system';
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:${NAME}`;
const PODS = '/api/v1/namespaces/default/pods';
const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${NAME}`;

suite('the second scheduler of the manifests, with its own account and no other rights', {
  skip: skipWithout('controllers', found),
}, () => {
  let controlPlane: ControlPlane;
  let packdown: Installation;
  let nodes: string[];
  let container: JsonObject;
  let port: number;
  const log = () => readFile(join(controlPlane.folder, `${NAME}.log`), 'utf8');

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found), { controllers: ['persistentvolume-binder-controller'] });
    await controlPlane.startComponents(['kube-controller-manager', 'kwok']);
    packdown = await installPackdown(controlPlane);
    nodes = await createNodes(controlPlane, 4);
    await controlPlane.apply(...documents(join(COMPONENT, 'rbac.yaml')));
    const [deployment] = documents(join(COMPONENT, 'deployment.yaml'));
    container = objectAt(listAt(deployment, 'spec', 'template', 'spec', 'containers')[0]);
    port = await startSecondScheduler(controlPlane, packdown, container);
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(() => controlPlane?.stop());

  const schedule = async (name: string, volumes: readonly object[] = []) => {
    const made = pod(name, { gpus: 2 });
    const spec = { ...made.spec, schedulerName: NAME, volumes };
    await controlPlane.api.create(PODS, { ...made, spec });
  };

  test('its probes are answered', async () => {
    const insecure = new Agent({ connect: { rejectUnauthorized: false } });
    for (const probe of ['livenessProbe', 'readinessProbe']) {
      const { path } = objectAt(container, probe, 'httpGet');
      await until(`${path} to be ok`, async () => {
        return (await fetch(`https://127.0.0.1:${port}${path}`, { dispatcher: insecure })).ok;
      });
    }
    await insecure.close();
  });

  test('it leads by a Lease in the namespace of packdown, which it renews', async () => {
    const lease = async () => objectAt(await controlPlane.api.get<JsonObject>(LEASE), 'spec');
    const taken = await until('the Lease to be held', async () => {
      const { holderIdentity, renewTime } = await lease();
      return textOf(holderIdentity) !== null && renewTime;
    });
    await until('the Lease to be renewed', async () => (await lease()).renewTime !== taken);
  });

  test('it binds the pods that name it, on as few nodes as hold them, after it has asked packdown', async () => {
    for (let index = 0; index < 8; index += 1) {
      await schedule(`packed-${index}`);
      await settledPods(controlPlane, packdown, index + 1);
    }
    const pods = await settledPods(controlPlane, packdown, 8);
    const held = [...Map.groupBy(pods, ({ spec }) => spec.nodeName).values()].map(({ length }) => length);
    assert.deepEqual(held, [4, 4]);

    const metrics = readExposition(await (await fetch(`http://127.0.0.1:${packdown.opsPort}/metrics`)).text());
    const asked = metrics.get('packdown_extender_duration_seconds')?.series;
    for (const verb of ['filter', 'prioritize']) {
      assert.equal(asked?.get(`packdown_extender_duration_seconds_count{verb="${verb}"}`), 8);
    }
    const bindings = (await controlPlane.auditLog()).filter(({ objectRef }) => objectRef?.subresource === 'binding');
    assert.deepEqual(
      bindings.map(({ user, responseStatus }) => [user.username, responseStatus?.code]),
      pods.map(() => [ACCOUNT, 201]),
    );
    const told = await until('an Event of every pod', async () => {
      const events = await controlPlane.kubectlOutput(
        'get',
        'events',
        '--field-selector=reason=Scheduled',
        '-o',
        'json',
      );
      const items = listAt(JSON.parse(events), 'items');
      return items.length === 8 && items;
    });
    for (const { reportingComponent } of told) assert.equal(reportingComponent, NAME);
  });

  test('it waits for a volume and binds that too', async () => {
    const full = (await settledPods(controlPlane, packdown, 8)).map(({ spec }) => spec.nodeName);
    const node = nodes.find((name) => !full.includes(name));
    assert.ok(node);
    await controlPlane.apply(...localVolume(node));
    await schedule('stored', [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]);
    const stored = await until('the pod to run', async () => {
      const current = await controlPlane.api.get<Pod>(`${PODS}/stored`);
      return isReady(current) && current;
    });
    assert.equal(stored.spec.nodeName, node);
  });

  test('nothing was denied it', async () => {
    const text = await log();
    assert.match(text, /Successfully acquired lease|successfully acquired lease/);
    assert.doesNotMatch(text, /forbidden|unauthorized/i);
  });
});

/** Runs kube-scheduler as its container would be, and gives the port of its probes. It ends with the control plane. */
async function startSecondScheduler(
  controlPlane: ControlPlane,
  packdown: Installation,
  container: JsonObject,
): Promise<number> {
  const { folder, apiServerUrl, caFile } = controlPlane;
  const kubeconfig = await writeKubeconfig(join(folder, `${NAME}.kubeconfig`), {
    ...{ server: apiServerUrl, caFile },
    token: await controlPlane.serviceAccountToken(NAMESPACE, NAME),
  });
  const config = objectAt(load(await readFile(join(COMPONENT, 'config.yaml'), 'utf8')));
  const extenders = listAt(config, 'extenders').map((extender) => ({
    ...extender,
    // A machine that stops for a moment is no reason to place a pod without packdown.
    httpTimeout: '5s',
    urlPrefix: `https://127.0.0.1:${packdown.port}/scheduler`,
    tlsConfig: { ...objectAt(extender, 'tlsConfig'), caFile: packdown.ca },
  }));
  const file = join(folder, `${NAME}.yaml`);
  await writeFile(file, dump({ ...config, clientConnection: { kubeconfig }, extenders }));
  const port = await freePort();
  const args = listTexts(container, 'args').map((arg) => arg.replace('/etc/packdown/scheduler/config.yaml', file));
  // In a pod these come from the account that is mounted there.
  const own = [`--authentication-kubeconfig=${kubeconfig}`, `--authorization-kubeconfig=${kubeconfig}`];
  const address = ['--bind-address=127.0.0.1', `--secure-port=${port}`, `--cert-dir=${folder}`];
  controlPlane.startProgram(NAME, programIn(found, 'kube-scheduler'), [...args, ...own, ...address]);
  return port;
}

/** A volume on one node, and a claim that waits for a pod. */
function localVolume(node: string): readonly object[] {
  const resources = { requests: { storage: '1Gi' } };
  const claimed = { storageClassName: 'local', accessModes: ['ReadWriteOnce'] };
  const hostname = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
  return [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'local' },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'data' },
      spec: {
        ...claimed,
        capacity: resources.requests,
        local: { path: '/data' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'default' },
      spec: { ...claimed, resources },
    },
  ];
}
