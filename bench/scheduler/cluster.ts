import { Agent, request } from 'undici';
import { type SchedulerExtender, schedulerArguments } from '../../test/e2e/control-plane/components.ts';
import { type ControlPlane, startControlPlane } from '../../test/e2e/control-plane/control-plane.ts';
import { inLanes } from '../../test/e2e/control-plane/lanes.ts';
import { createNodes } from '../../test/e2e/control-plane/nodes.ts';
import { freePort } from '../../test/e2e/control-plane/processes.ts';
import { findTools, type Tools } from '../../test/e2e/control-plane/tools.ts';
import { until } from '../../test/e2e/control-plane/wait.ts';
import { type Installation, installPackdown } from '../../test/e2e/installation.ts';
import { pod } from '../../test/e2e/objects.ts';
import type { PodList } from '../../test/e2e/pods.ts';

const PODS = '/api/v1/namespaces/default/pods';
const LANES = 16;
/** Of the scheduler's own requests a second: it never waits for itself. */
const UNLIMITED = 10_000;
const PATIENCE = { timeout: 120_000 };

export interface Round {
  readonly podsPerSecond: number;
  /** Mean milliseconds of a pod's scheduling cycle up to its node, as the scheduler itself counts it. */
  readonly algorithm: number;
}

/** A control plane with so many kwok nodes, and packdown beside it as an extender alone, without its webhooks. */
export interface SchedulerCluster {
  readonly packdown: Installation;
  /** Starts a scheduler for so many pods that wait for it, and ends it; the pods are gone afterwards. */
  schedule(pods: number, extenders: readonly SchedulerExtender[]): Promise<Round>;
  stop(): Promise<void>;
}

export async function startSchedulerCluster(nodes: number): Promise<SchedulerCluster> {
  const found = await findTools();
  if ('reason' in found) throw new Error(found.reason);
  if (found.onlyApiServer) throw new Error('KUBEBUILDER_ASSETS has no scheduler: unset it');
  const controlPlane = await startControlPlane(found.tools);
  try {
    await controlPlane.startComponents(['kwok']);
    const packdown = await installPackdown(controlPlane);
    await packdown.unregister();
    await createNodes(controlPlane, nodes);
    return {
      packdown,
      stop: controlPlane.stop,
      schedule: (pods, extenders) => schedule(controlPlane, found.tools, packdown, pods, extenders),
    };
  } catch (error) {
    console.error(await controlPlane.logs());
    await controlPlane.stop();
    throw error;
  }
}

async function schedule(
  controlPlane: ControlPlane,
  tools: Tools,
  packdown: Installation,
  pods: number,
  extenders: readonly SchedulerExtender[],
): Promise<Round> {
  const { api } = controlPlane;
  await inLanes(LANES, upTo(pods), (index) => api.create(PODS, pod(`pod-${index}`)));
  const { metadata } = await api.get<PodList>(`${PODS}?limit=1`);
  const watching = new AbortController();
  const bound = boundTimes(controlPlane, metadata.resourceVersion, pods, watching.signal);

  const port = await freePort();
  const scheduler = controlPlane.startProgram('kube-scheduler', tools.get('kube-scheduler') ?? '', [
    ...(await schedulerArguments(
      controlPlane.folder,
      controlPlane.adminKubeconfig,
      [...extenders],
      packdown.schedulerProfiles,
      UNLIMITED,
    )),
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${controlPlane.folder}`,
    '--authorization-always-allow-paths=/metrics',
  ]);
  try {
    const times = await bound;
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const algorithm = await algorithmMilliseconds(port);
    return { podsPerSecond: ((times.length - 1) * 1000) / (last - first), algorithm };
  } finally {
    watching.abort();
    await scheduler.kill();
    await api.delete(`${PODS}?gracePeriodSeconds=0`);
    const isEmpty = async () => (await api.get<PodList>(PODS)).items.length + (await packdown.costs()).length === 0;
    await until('the pods to be gone', isEmpty, { ...PATIENCE, interval: 500 });
  }
}

/**
 * When each pod was seen to have a node, in order. The apiserver ends a watch that it finds slow: another goes on from
 * there.
 */
async function boundTimes(
  { api }: ControlPlane,
  from: string,
  count: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const times = new Map<string, number>();
  let version = from;
  while (times.size < count) {
    const path = `${PODS}?watch=true&resourceVersion=${version}`;
    for await (const { type, object } of api.watch<PodList['items'][number]>(path, signal)) {
      if (type === 'ERROR') throw new Error(`the watch of pods failed: ${JSON.stringify(object)}`);
      const { name, resourceVersion } = object.metadata;
      version = resourceVersion;
      if (object.spec.nodeName !== undefined && !times.has(name)) times.set(name, performance.now());
      if (times.size === count) break;
    }
  }
  return [...times.values()];
}

async function algorithmMilliseconds(port: number): Promise<number> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const { body } = await request(`https://127.0.0.1:${port}/metrics`, { dispatcher });
    const text = await body.text();
    const [sum, count] = ['sum', 'count'].map((part) =>
      Number(new RegExp(`^scheduler_scheduling_algorithm_duration_seconds_${part} (\\S+)$`, 'm').exec(text)?.[1]),
    );
    return (1000 * (sum ?? Number.NaN)) / (count ?? Number.NaN);
  } finally {
    await dispatcher.close();
  }
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
