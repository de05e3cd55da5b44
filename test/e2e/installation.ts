import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { isObject, type JsonObject, listAt, objectAt } from '../../src/workloads/core/json.ts';
import { makeClientCertificates } from '../http/client-certificates.ts';
import { documents, listedFiles, MANIFESTS } from '../manifests/kustomize.ts';
import type { Balancer } from './balancer.ts';
import type { SchedulerExtender } from './control-plane/components.ts';
import type { ControlPlane } from './control-plane/control-plane.ts';
import { writeKubeconfig } from './control-plane/kubeconfig.ts';
import { packdownMain, type Replica, startReplica } from './replica.ts';
import { webhooksInEffect } from './webhooks-in-effect.ts';

const NAMESPACE = 'packdown-system';
const SERVICE_ACCOUNT = 'packdown';

export interface InstallationOptions {
  /** Keys of the configuration file that replace those of manifests/base/config.yaml. */
  config?: JsonObject;
  /** Where packdown reaches the apiserver, if not directly; `caFile` is the path of a PEM. */
  apiServer?: { url: string; caFile: string };
  /** Stands before packdown's port, for installations of several replicas. */
  balancer?: Balancer;
  /**
   * As manifests/overlays/bind has it: callers show certificates, and packdown may bind. No webhooks are registered.
   */
  binds?: boolean;
}

/** packdown as `kubectl apply -k manifests/base` installs it, but running beside the apiserver instead of in a pod. */
export interface Installation extends Replica {
  /** Paths of PEM files: the CA, and the certificate that it signed with its key. */
  ca: string;
  cert: string;
  key: string;
  /** Path of the kubeconfig with packdown's own rights. */
  kubeconfig: string;
  /** The user that the audit log shows for packdown's own requests. */
  username: string;
  /** For `startScheduler()`: the stanza of manifests/scheduler with this address and CA. */
  extender: SchedulerExtender;
  /** The profiles of the same file. */
  schedulerProfiles: readonly object[];
  /** Starts another replica, behind the balancer if there is one. */
  addReplica(name: string): Promise<Replica>;
  /** Removes the webhook configurations: the apiserver calls packdown no more, soon after. */
  unregister(): Promise<void>;
}

/**
 * Installs packdown with the manifests' own RBAC, configuration and webhooks, and waits until the apiserver calls it.
 * It ends with the control plane. CRDs that it is to know must be there before.
 */
export async function installPackdown(
  controlPlane: ControlPlane,
  { config = {}, apiServer, balancer, binds = false }: InstallationOptions = {},
): Promise<Installation> {
  const { folder, apiServerUrl, caFile } = controlPlane;
  const base = join(MANIFESTS, 'base');
  const objects = listedFiles(binds ? join(MANIFESTS, 'overlays/bind') : base).flatMap(documents);
  await controlPlane.apply(...objects.filter((object) => !isWebhook(object) && !inPod.includes(String(object.kind))));

  const token = await controlPlane.serviceAccountToken(NAMESPACE, SERVICE_ACCOUNT);
  const kubeconfig = await writeKubeconfig(join(folder, 'packdown.kubeconfig'), {
    server: apiServer?.url ?? apiServerUrl,
    caFile: apiServer?.caFile ?? caFile,
    token,
  });
  const configFile = join(folder, 'packdown-config.yaml');
  const defaults = objectAt(load(await readFile(join(base, 'config.yaml'), 'utf8')));
  await writeFile(configFile, dump({ ...defaults, ...config }));
  const certificates = join(folder, 'packdown-certs');
  const made = await controlPlane.run(process.execPath, packdownMain, 'certs', '--out', certificates);
  if (made.code !== 0) throw new Error(`packdown certs failed: ${made.stderr}`);
  const [ca, cert, key] = [join(certificates, 'ca.crt'), join(certificates, 'tls.crt'), join(certificates, 'tls.key')];

  const client = binds ? await writeClientCertificates(folder) : null;
  const clientCa: Readonly<Record<string, string>> = client === null ? {} : { 'client-ca': client.caFile };
  const flags = { kubeconfig, 'tls-cert': cert, 'tls-key': key, config: configFile, ...clientCa };
  async function addReplica(name: string): Promise<Replica> {
    const replica = await startReplica(controlPlane, name, flags);
    balancer?.add(replica.port);
    return replica;
  }
  const first = await addReplica('packdown');
  const origin = `https://127.0.0.1:${balancer?.port ?? first.port}`;

  const caBundle = (await readFile(ca)).toString('base64');
  const webhooks = (binds ? [] : objects.filter(isWebhook)).map((object) => atUrl(object, origin, caBundle));
  if (webhooks.length > 0) {
    await controlPlane.apply(...webhooks);
    await webhooksInEffect(controlPlane, webhooks);
  }

  return {
    ...first,
    ca,
    cert,
    key,
    kubeconfig,
    username: `system:serviceaccount:${NAMESPACE}:${SERVICE_ACCOUNT}`,
    ...(await schedulerSettings(`${origin}/scheduler`, { caFile: ca, ...client?.presented })),
    addReplica,
    unregister: async () => {
      const configurations = ['validatingwebhookconfiguration', 'mutatingwebhookconfiguration'];
      for (const kind of configurations) await controlPlane.kubectlOutput('delete', kind, 'packdown');
    },
  };
}

/** Kinds that bring packdown into a pod and traffic to it. */
const inPod: readonly string[] = ['Deployment', 'Service'];

function isWebhook({ kind }: JsonObject): boolean {
  return kind === 'ValidatingWebhookConfiguration' || kind === 'MutatingWebhookConfiguration';
}

/** The configuration with `clientConfig.service` replaced by a URL: nothing else changes. */
function atUrl(object: JsonObject, origin: string, caBundle: string): JsonObject {
  const webhooks = listAt(object, 'webhooks').map((webhook) => {
    const { path } = objectAt(webhook, 'clientConfig', 'service');
    return { ...webhook, clientConfig: { url: `${origin}${path}`, caBundle } };
  });
  return { ...object, webhooks };
}

const SCHEDULER_CONFIGURATION = join(MANIFESTS, 'scheduler/kube-scheduler-config.yaml');

async function schedulerSettings(
  urlPrefix: string,
  tls: { caFile: string; certFile?: string; keyFile?: string },
): Promise<Pick<Installation, 'extender' | 'schedulerProfiles'>> {
  const configuration = load(await readFile(SCHEDULER_CONFIGURATION, 'utf8'));
  const [extender] = listAt(configuration, 'extenders');
  if (!isObject(extender)) throw new Error(`${SCHEDULER_CONFIGURATION} has no extender`);
  return {
    extender: { ...extender, urlPrefix, tlsConfig: { ...objectAt(extender, 'tlsConfig'), ...tls } },
    schedulerProfiles: await packingProfiles(),
  };
}

/** The profiles of manifests/scheduler, for a scheduler that packs by itself. */
export async function packingProfiles(): Promise<readonly object[]> {
  return listAt(load(await readFile(SCHEDULER_CONFIGURATION, 'utf8')), 'profiles');
}

/** A CA for clients, and what a scheduler presents. */
async function writeClientCertificates(folder: string) {
  const { ca, cert, key } = await makeClientCertificates();
  const write = async (name: string, text: string) => {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  };
  const presented = { certFile: await write('client.crt', cert), keyFile: await write('client.key', key) };
  return { caFile: await write('client-ca.crt', ca), presented };
}
