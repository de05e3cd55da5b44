import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from 'undici';
import { type JsonObject, listAt, listTexts, objectAt, stringsAt, textOf } from '../../src/workloads/core/json.ts';
import type { ControlPlane } from './control-plane/control-plane.ts';
import { writeKubeconfig } from './control-plane/kubeconfig.ts';
import { freePort, type RunningProcess } from './control-plane/processes.ts';
import { packdownMain } from './replica.ts';

const NAMESPACE = 'packdown-system';
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const OURS = `${PODS}?labelSelector=${encodeURIComponent('app.kubernetes.io/name in (packdown,packdown-cleanup)')}`;

/** A pod of packdown that runs as a process here. */
interface RunningPod {
  process: RunningProcess;
  port: number;
  opsPort: number;
  /** What its readiness probe said last; never again once it is to end. */
  ready: boolean;
  /** Deleted, and told to end: it may go on for a moment on connections that it has. */
  leaving: boolean;
}

/** What a kubelet is to packdown's own pods, of which kwok only says that they run. */
export interface Kubelet {
  /** HTTPS ports on 127.0.0.1 of the pods that are ready now, the oldest first. */
  ports(): readonly number[];
  /** Their ops ports. */
  opsPorts(): readonly number[];
  /** Whether all pods that there are now are ready, and those that were deleted have ended. */
  isSettled(): Promise<boolean>;
  stop(): Promise<void>;
}

/**
 * Runs every pod of packdown with the arguments, ConfigMaps, Secrets and ServiceAccount of its manifest, from when it
 * has a node until it is deleted. Only what a container has to itself is changed: paths, ports, and how the apiserver
 * is reached.
 */
export function startKubelet(controlPlane: ControlPlane): Kubelet {
  const { api } = controlPlane;
  const pods = new Map<string, RunningPod>();
  const ending = new AbortController();

  const living = async () =>
    listAt(await api.get<JsonObject>(OURS), 'items').filter(
      (pod) => objectAt(pod, 'metadata').deletionTimestamp === undefined,
    );

  async function sync(): Promise<void> {
    const alive = new Map((await living()).map((pod) => [String(objectAt(pod, 'metadata').uid), pod]));
    for (const [uid, pod] of pods) {
      if (alive.has(uid)) continue;
      if (pod.process.ended()) pods.delete(uid);
      else if (!pod.leaving) process.kill(pod.process.pid, 'SIGTERM');
      pod.leaving = true;
    }
    for (const [uid, pod] of alive) {
      const running = pods.get(uid);
      const { phase } = objectAt(pod, 'status');
      if (running === undefined && phase === 'Running') pods.set(uid, await runPod(controlPlane, pod));
      if (running?.process.ended() && phase === 'Running') await finish(pod, running.process);
    }
    for (const pod of pods.values()) pod.ready = !pod.leaving && (await isReady(pod));
  }

  async function finish(pod: JsonObject, { exited }: RunningProcess): Promise<void> {
    const [code] = [await exited].flat();
    const status = { phase: code === 0 ? 'Succeeded' : 'Failed' };
    await api.patch(`${PODS}/${objectAt(pod, 'metadata').name}/status`, { status }, 'merge');
  }

  const working = (async () => {
    while (!ending.signal.aborted) {
      // The apiserver may be away, and a Secret not there yet: then it is tried again.
      await sync().catch(() => undefined);
      await delay(100, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  const serving = () =>
    [...pods.values()].filter(({ process, ready, leaving }) => ready && !leaving && !process.ended());
  return {
    ports: () => serving().map(({ port }) => port),
    opsPorts: () => serving().map(({ opsPort }) => opsPort),
    isSettled: async () => {
      const now = (await living()).map((pod) => String(objectAt(pod, 'metadata').uid));
      return now.length === pods.size && now.length === serving().length && now.every((uid) => pods.has(uid));
    },
    stop: async () => {
      ending.abort();
      await working;
    },
  };
}

async function runPod(controlPlane: ControlPlane, pod: JsonObject): Promise<RunningPod> {
  const name = String(objectAt(pod, 'metadata').name);
  const folder = join(controlPlane.folder, name);
  await mkdir(folder, { recursive: true });
  const [container] = listAt(pod, 'spec', 'containers');
  const kubeconfig = await writeKubeconfig(join(folder, 'kubeconfig'), {
    server: controlPlane.apiServerUrl,
    caFile: controlPlane.caFile,
    token: await controlPlane.serviceAccountToken(NAMESPACE, String(objectAt(pod, 'spec').serviceAccountName)),
  });
  const [port, opsPort] = [await freePort(), await freePort()];
  const own: Readonly<Record<string, string>> = {
    '--in-cluster': `--kubeconfig=${kubeconfig}`,
    '--host=0.0.0.0': '--host=127.0.0.1',
    '--port=8443': `--port=${port}`,
    '--ops-port=8080': `--ops-port=${opsPort}`,
  };
  let args = listTexts(container, 'args').map((arg) => own[arg] ?? arg);
  for (const { name: volume, mountPath } of listAt(container, 'volumeMounts')) {
    const source = listAt(pod, 'spec', 'volumes').find((candidate) => candidate.name === volume);
    const mounted = join(folder, String(volume));
    if (await mount(controlPlane, source, mounted)) {
      args = args.map((arg) => arg.replace(`=${mountPath}/`, `=${mounted}/`));
    }
  }
  const running = controlPlane.startProgram(name, process.execPath, [packdownMain, ...args]);
  return { process: running, port, opsPort, ready: false, leaving: false };
}

async function isReady({ opsPort }: RunningPod): Promise<boolean> {
  return fetch(`http://127.0.0.1:${opsPort}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Writes the files of a ConfigMap or Secret into the folder; other volumes are left out. */
async function mount({ api }: ControlPlane, volume: JsonObject | undefined, folder: string): Promise<boolean> {
  const configMap = textOf(objectAt(volume, 'configMap').name);
  const secret = textOf(objectAt(volume, 'secret').secretName);
  if (configMap === null && secret === null) return false;
  const resource = configMap === null ? `secrets/${secret}` : `configmaps/${configMap}`;
  const data = stringsAt(await api.get<JsonObject>(`/api/v1/namespaces/${NAMESPACE}/${resource}`), 'data');
  await mkdir(folder, { recursive: true });
  for (const [file, content] of Object.entries(data)) {
    await writeFile(join(folder, file), configMap === null ? Buffer.from(content, 'base64') : content);
  }
  return true;
}
