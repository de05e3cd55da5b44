import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetch } from 'undici';
import { makeCertificates } from '../../../src/http/certificates.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { goModuleFolder } from '../control-plane/go-module.ts';
import { writeKubeconfig } from '../control-plane/kubeconfig.ts';
import { freePort } from '../control-plane/processes.ts';
import type { Tools } from '../control-plane/tools.ts';
import { until } from '../control-plane/wait.ts';

const NAMESPACE = 'keda';
const SERVICE_ACCOUNT = 'keda-operator';
export const KEDA_USER = `system:serviceaccount:${NAMESPACE}:${SERVICE_ACCOUNT}`;

const moduleFolder = (controlPlane: ControlPlane) =>
  goModuleFolder(controlPlane, 'keda', 'github.com/kedacore/keda/v2');

/** Creates the module's own CRDs, and waits until they are served. Do that before the controller manager starts. */
export async function createKedaDefinitions(controlPlane: ControlPlane): Promise<void> {
  const folder = join(await moduleFolder(controlPlane), 'config/crd/bases');
  for (const file of await readdir(folder)) {
    // Some are too large for the annotation in which kubectl apply keeps a copy.
    await controlPlane.kubectlOutput('create', '-f', join(folder, file));
  }
  await controlPlane.kubectlOutput('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
}

/**
 * Starts KEDA's operator with the module's own RBAC, and waits until it is ready. It ends with the control plane.
 * KEDA's other programs, its metrics adapter and its webhooks, are not started: `startExternalMetrics()` stands in for
 * the first.
 */
export async function startKeda(controlPlane: ControlPlane, tools: Tools): Promise<void> {
  const program = tools.get('keda-operator');
  if (program === undefined) throw new Error('there is no keda-operator here: ask findTools for keda');
  const rbac = join(await moduleFolder(controlPlane), 'config/rbac');
  await controlPlane.kubectlOutput('create', 'namespace', NAMESPACE);
  await controlPlane.kubectlOutput('create', 'serviceaccount', SERVICE_ACCOUNT, `--namespace=${NAMESPACE}`);
  for (const file of ['role.yaml', 'role_binding.yaml']) {
    await controlPlane.kubectlOutput('apply', '-f', join(rbac, file));
  }
  const folder = join(controlPlane.folder, 'keda');
  await mkdir(folder);
  const { ca, cert, key } = await makeCertificates({ now: new Date() });
  await Promise.all([
    writeFile(join(folder, 'ca.crt'), ca),
    writeFile(join(folder, 'tls.crt'), cert),
    writeFile(join(folder, 'tls.key'), key, { mode: 0o600 }),
  ]);
  const kubeconfig = await writeKubeconfig(join(folder, 'kubeconfig'), {
    server: controlPlane.apiServerUrl,
    caFile: controlPlane.caFile,
    token: await controlPlane.serviceAccountToken(NAMESPACE, SERVICE_ACCOUNT),
  });
  const probe = `127.0.0.1:${await freePort()}`;
  const running = controlPlane.startProgram('keda-operator', 'env', [
    `POD_NAMESPACE=${NAMESPACE}`,
    `KEDA_CLUSTER_OBJECT_NAMESPACE=${NAMESPACE}`,
    'WATCH_NAMESPACE=',
    program,
    `--kubeconfig=${kubeconfig}`,
    `--cert-dir=${folder}`,
    `--ca-dir=${folder}`,
    '--enable-prometheus-metrics=false',
    `--metrics-service-bind-address=127.0.0.1:${await freePort()}`,
    `--health-probe-bind-address=${probe}`,
  ]);
  await until(
    'keda-operator to be ready or to end',
    async () => running.ended() || (await fetch(`http://${probe}/readyz`)).ok,
  );
  if (running.ended()) throw new Error(`keda-operator ended while it started:\n${await running.logTail()}`);
}
