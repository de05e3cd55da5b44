import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dump, load } from 'js-yaml';
import { fetch } from 'undici';
import { isObject, type JsonObject, listAt, objectAt } from '../../src/workloads/core/json.ts';
import type { CostReport } from '../../src/workloads/cost-report.ts';
import type { PlanReport } from '../../src/workloads/plan-report.ts';
import { documents, listedFiles, MANIFESTS } from '../manifests/kustomize.ts';
import { readExposition } from '../observability/exposition.ts';
import type { SchedulerExtender } from './control-plane/components.ts';
import type { ControlPlane } from './control-plane/control-plane.ts';
import { writeKubeconfig } from './control-plane/kubeconfig.ts';
import { freePort, type RunningProcess } from './control-plane/processes.ts';
import { until } from './control-plane/wait.ts';
import { webhooksInEffect } from './webhooks-in-effect.ts';

/** The command line that is tested: `E2E_PACKDOWN` names the main.ts of another copy, e.g. one that is broken on purpose. */
export const packdownMain = process.env.E2E_PACKDOWN || fileURLToPath(new URL('../../src/main.ts', import.meta.url));

const NAMESPACE = 'packdown-system';
const SERVICE_ACCOUNT = 'packdown';

export interface InstallationOptions {
  /** Keys of the configuration file that replace those of manifests/base/config.yaml. */
  config?: JsonObject;
}

/** packdown as `kubectl apply -k manifests/base` installs it, but running beside the apiserver instead of in a pod. */
export interface Installation {
  /** HTTPS on 127.0.0.1; the same after a restart, as behind a Service. */
  port: number;
  /** HTTP on 127.0.0.1. */
  opsPort: number;
  /** Paths of PEM files: the CA, and the certificate that it signed with its key. */
  ca: string;
  cert: string;
  key: string;
  /** The user that the audit log shows for packdown's own requests. */
  username: string;
  /** For `startScheduler()`: the stanza of manifests/scheduler with this address and CA. */
  extender: SchedulerExtender;
  /** The profiles of the same file. */
  schedulerProfiles: readonly object[];
  /** Ends packdown at once, as a crash does; the webhook configurations stay. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Starts packdown again, after ending it if it runs. Resolves when it is ready. */
  restart(): Promise<void>;
  /** Halts packdown: connections are still accepted, but nothing is answered until `thaw()`. */
  freeze(): void;
  thaw(): void;
  /** Everything that packdown has logged so far. */
  logs(): Promise<string>;
  /** GET /costs: every pod's cost as packdown sees it. */
  costs(): Promise<CostReport[]>;
  /** How many predictions are settled, by outcome, as GET /metrics has it. */
  predictions(): Promise<Readonly<Record<string, number>>>;
  /** GET /plan for `KIND/NAMESPACE/NAME[:ROLE]=REPLICAS`. */
  plan(...scales: string[]): Promise<PlanReport>;
}

/**
 * Installs packdown with the manifests' own RBAC, configuration and webhooks, and waits until the apiserver calls it.
 * It ends with the control plane. CRDs that it is to know must be there before.
 */
export async function installPackdown(
  controlPlane: ControlPlane,
  { config = {} }: InstallationOptions = {},
): Promise<Installation> {
  const { folder, apiServerUrl, caFile: server } = controlPlane;
  const base = join(MANIFESTS, 'base');
  const objects = listedFiles(base).flatMap(documents);
  await controlPlane.apply(...objects.filter((object) => !isWebhook(object) && !inPod.includes(String(object.kind))));

  const token = await controlPlane.serviceAccountToken(NAMESPACE, SERVICE_ACCOUNT);
  const kubeconfig = await writeKubeconfig(join(folder, 'packdown.kubeconfig'), {
    server: apiServerUrl,
    caFile: server,
    token,
  });
  const configFile = join(folder, 'packdown-config.yaml');
  const defaults = objectAt(load(await readFile(join(base, 'config.yaml'), 'utf8')));
  await writeFile(configFile, dump({ ...defaults, ...config }));
  const certificates = join(folder, 'packdown-certs');
  const made = await controlPlane.run(process.execPath, packdownMain, 'certs', '--out', certificates);
  if (made.code !== 0) throw new Error(`packdown certs failed: ${made.stderr}`);
  const [ca, cert, key] = [join(certificates, 'ca.crt'), join(certificates, 'tls.crt'), join(certificates, 'tls.key')];

  const [port, opsPort] = [await freePort(), await freePort()];
  const ops = `http://127.0.0.1:${opsPort}`;
  const flags = {
    kubeconfig,
    host: '127.0.0.1',
    port,
    'ops-port': opsPort,
    'tls-cert': cert,
    'tls-key': key,
    config: configFile,
  };
  const args = [packdownMain, 'serve', ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)];
  const ready = async () => (await fetch(`${ops}/readyz`)).ok;
  async function start(): Promise<RunningProcess> {
    const started = controlPlane.startProgram('packdown', process.execPath, args);
    await until('packdown to be ready or to end', async () => started.ended() || (await ready()));
    if (started.ended()) throw new Error(`packdown ended while it started:\n${await started.logTail()}`);
    return started;
  }
  let running = await start();

  const caBundle = (await readFile(ca)).toString('base64');
  const webhooks = objects.filter(isWebhook).map((object) => atUrl(object, `https://127.0.0.1:${port}`, caBundle));
  await controlPlane.apply(...webhooks);
  await webhooksInEffect(controlPlane, webhooks);

  async function ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${ops}${path}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`packdown answered ${path} with ${answer.status}: ${text}`);
    const value: T = JSON.parse(text);
    return value;
  }
  return {
    port,
    opsPort,
    ca,
    cert,
    key,
    username: `system:serviceaccount:${NAMESPACE}:${SERVICE_ACCOUNT}`,
    ...(await schedulerSettings(`https://127.0.0.1:${port}/scheduler`, ca)),
    stop: () => running.kill(),
    restart: async () => {
      await running.kill();
      running = await start();
    },
    freeze: () => process.kill(running.pid, 'SIGSTOP'),
    thaw: () => process.kill(running.pid, 'SIGCONT'),
    logs: () => readFile(join(folder, 'packdown.log'), 'utf8'),
    costs: () => ask('/costs'),
    predictions: async () => outcomesIn(await (await fetch(`${ops}/metrics`)).text()),
    plan: (...scales) => ask(`/plan?${scales.map((scale) => `scale=${encodeURIComponent(scale)}`).join('&')}`),
  };
}

function outcomesIn(metrics: string): Readonly<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  for (const [labels, count] of readExposition(metrics).get('packdown_predictions_total')?.series ?? []) {
    const outcome = /outcome="(\w+)"/.exec(labels)?.[1] ?? labels;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  }
  return outcomes;
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

async function schedulerSettings(
  urlPrefix: string,
  caFile: string,
): Promise<Pick<Installation, 'extender' | 'schedulerProfiles'>> {
  const file = join(MANIFESTS, 'scheduler/kube-scheduler-config.yaml');
  const configuration = load(await readFile(file, 'utf8'));
  const [extender] = listAt(configuration, 'extenders');
  if (!isObject(extender)) throw new Error(`${file} has no extender`);
  return {
    extender: { ...extender, urlPrefix, tlsConfig: { ...objectAt(extender, 'tlsConfig'), caFile } },
    schedulerProfiles: listAt(configuration, 'profiles'),
  };
}
