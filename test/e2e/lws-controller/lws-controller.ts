import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { caBundle, makeCertificates } from '../../../src/http/certificates.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { goModuleFolder } from '../control-plane/go-module.ts';
import { freePort } from '../control-plane/processes.ts';
import type { Tools } from '../control-plane/tools.ts';
import { until } from '../control-plane/wait.ts';

const goModule = 'sigs.k8s.io/lws';
const apiVersion = 'leaderworkerset.x-k8s.io/v1';

/** Creates the module's own CRD, and waits until it is served. Do that before the controller manager starts. */
export async function createLwsDefinition(controlPlane: ControlPlane): Promise<void> {
  const { api, kubectl } = controlPlane;
  const folder = await goModuleFolder(controlPlane, 'lws', goModule);
  const file = join(folder, 'config/crd/bases/leaderworkerset.x-k8s.io_leaderworkersets.yaml');
  // Too large for the annotation in which kubectl apply keeps a copy.
  const created = await kubectl('create', '-f', file);
  if (created.code !== 0) throw new Error(`kubectl create -f ${file} failed: ${created.stderr.trim()}`);
  await until('leaderworkersets to be served', () => api.get<object>(`/apis/${apiVersion}`));
}

/**
 * Starts the real LeaderWorkerSet controller with its webhooks, and waits until these answer. It ends with the control
 * plane.
 */
export async function startLwsController(controlPlane: ControlPlane, tools: Tools): Promise<void> {
  const program = tools.get('lws-controller');
  if (program === undefined) throw new Error('there is no lws-controller here: ask findTools for lws');
  const folder = join(controlPlane.folder, 'lws');
  await mkdir(folder);
  const port = await freePort();
  const { ca, cert, key } = await makeCertificates({ now: new Date() });
  const config = {
    apiVersion: 'config.lws.x-k8s.io/v1alpha1',
    kind: 'Configuration',
    webhook: { host: '127.0.0.1', port, certDir: folder },
    metrics: { bindAddress: '0' },
    health: { healthProbeBindAddress: '0' },
    leaderElection: { leaderElect: false },
    internalCertManagement: { enable: false },
  };
  const configFile = join(folder, 'config.json');
  await Promise.all([
    writeFile(join(folder, 'tls.crt'), cert),
    writeFile(join(folder, 'tls.key'), key, { mode: 0o600 }),
    writeFile(configFile, JSON.stringify(config)),
  ]);

  const args = [`--config=${configFile}`, `--kubeconfig=${controlPlane.adminKubeconfig}`];
  const running = controlPlane.startProgram('lws-controller', program, args);
  await controlPlane.apply(...webhookConfigurations(port, caBundle(ca)));
  const template = { spec: { containers: [{ name: 'probe', image: 'probe' }] } };
  await until('the webhooks of the LeaderWorkerSet controller', async () => {
    if (running.ended()) return true;
    return controlPlane.api.create<object>(`/apis/${apiVersion}/namespaces/default/leaderworkersets?dryRun=All`, {
      apiVersion,
      kind: 'LeaderWorkerSet',
      metadata: { name: 'probe' },
      spec: { leaderWorkerTemplate: { workerTemplate: template } },
    });
  });
  if (running.ended()) throw new Error(`lws-controller ended while it started:\n${await running.logTail()}`);
}

/** Those of the module's config/webhook, by URL. */
function webhookConfigurations(port: number, caBundle: string): object[] {
  const webhook = (name: string, path: string, rule: object) => ({
    name,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    clientConfig: { url: `https://127.0.0.1:${port}${path}`, caBundle },
    rules: [{ apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], ...rule }],
  });
  const sets = { apiGroups: ['leaderworkerset.x-k8s.io'], resources: ['leaderworkersets'] };
  const pods = { apiGroups: [''], resources: ['pods'], operations: ['CREATE'] };
  const ofSet = {
    objectSelector: { matchExpressions: [{ key: 'leaderworkerset.sigs.k8s.io/name', operator: 'Exists' }] },
  };
  const path = 'leaderworkerset-x-k8s-io-v1-leaderworkerset';
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'lws' },
      webhooks: [
        webhook('mleaderworkerset.kb.io', `/mutate-${path}`, sets),
        { ...webhook('mpod.kb.io', '/mutate--v1-pod', pods), ...ofSet },
      ],
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'lws' },
      webhooks: [webhook('vleaderworkerset.kb.io', `/validate-${path}`, sets)],
    },
  ];
}
