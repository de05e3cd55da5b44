import type { JsonObject } from '../../../src/workloads/core/json.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts';
import { createNodes } from '../control-plane/nodes.ts';
import type { Tools } from '../control-plane/tools.ts';
import { until } from '../control-plane/wait.ts';
import { type ExternalMetrics, startExternalMetrics } from '../external-metrics.ts';
import { type Installation, installPackdown, packingProfiles } from '../installation.ts';
import { createKthenaDefinition, startKthenaDouble } from '../kthena-double/kthena-double.ts';
import { createLwsDefinition, startLwsController } from '../lws-controller/lws-controller.ts';
import { type PodLives, recordPodLives } from './pod-lives.ts';
import { type Autoscaled, autoscalerOf, METRIC, PER_REPLICA, pathOf } from './workloads.ts';

/**
 * Who chooses what goes and where pods go: the controllers and kube-scheduler as they come; with the packing profile of
 * manifests/scheduler; with packdown besides.
 */
export type Variant = 'plain' | 'packing' | 'packdown';

/**
 * How the pods that are there first have come to their nodes: by kube-scheduler as it comes, so that packdown meets
 * pods that are older than it; or already by the variant's own scheduler.
 */
export type Start = 'spread' | 'packed';

export interface DaySettings {
  readonly tools: Tools;
  readonly variant: Variant;
  readonly start: Start;
  readonly nodes: number;
  readonly workloads: readonly Autoscaled[];
  /** How many replicas the load of a model asks for now; fractions are rounded up by the HPA. */
  wanted(name: string): number;
  /** Seconds for which an HPA looks back before it scales down. */
  readonly stabilization: number;
  /** What packdown is configured with besides its defaults. */
  readonly config?: JsonObject;
}

/** A control plane whose HPA controller scales all workloads by a metric. */
export interface DayCluster {
  readonly controlPlane: ControlPlane;
  readonly metrics: ExternalMetrics;
  readonly lives: PodLives;
  readonly packdown: Installation | null;
  /** Waits until no HPA changes anything any more and all pods that are to be there are ready. */
  settled(): Promise<void>;
  /** Replicas of each workload, as their specs have them. */
  counts(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

interface Scaled {
  spec: { replicas: number };
  status?: { replicas?: number; readyReplicas?: number; availableReplicas?: number };
}

/** Starts everything, with as many replicas as are wanted now, and waits until they are ready and the HPAs follow. */
export async function startDayCluster(settings: DaySettings): Promise<DayCluster> {
  const { tools, variant, start, nodes, workloads, wanted, stabilization, config = {} } = settings;
  const controlPlane = await startControlPlane(tools);
  const parts: (() => Promise<unknown>)[] = [controlPlane.stop];
  const stop = async () => {
    for (const end of parts.splice(0).reverse()) await end().catch((error: unknown) => console.error(error));
  };
  try {
    const { api } = controlPlane;
    await createKthenaDefinition(controlPlane);
    await createLwsDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kwok']);
    await startLwsController(controlPlane, tools);
    const kthena = await startKthenaDouble({ kubeconfig: controlPlane.adminKubeconfig, seed: 1 });
    parts.push(kthena.stop);
    const install = async () => {
      const packdown = variant === 'packdown' ? await installPackdown(controlPlane, { config }) : null;
      const profiles = variant === 'plain' ? [] : await packingProfiles();
      await controlPlane.startScheduler(packdown === null ? [] : [packdown.extender], profiles);
      return packdown;
    };
    const first = start === 'packed' ? await install() : null;
    if (start === 'spread') await controlPlane.startScheduler([]);
    await createNodes(controlPlane, nodes);
    const lives = await recordPodLives(controlPlane);
    parts.push(lives.stop);
    const metrics = await startExternalMetrics(controlPlane, (metric, { model }) =>
      metric === METRIC && model !== undefined ? PER_REPLICA * wanted(model) : null,
    );
    parts.push(metrics.close);

    const read = (workload: Autoscaled) => api.get<Scaled>(pathOf(workload));
    const settled = () =>
      until(
        'all workloads to settle',
        async () => {
          const seen = await Promise.all(workloads.map(read));
          const isDone = seen.every(
            ({ spec, status: { replicas = 0, readyReplicas, availableReplicas } = {} }) =>
              replicas === spec.replicas && (readyReplicas ?? availableReplicas ?? 0) === spec.replicas,
          );
          const isFollowed = seen.every(({ spec }, index) => isEnough(workloads[index], spec.replicas, wanted));
          const pods = seen.reduce((sum, { spec }, index) => sum + spec.replicas * (workloads[index]?.pods ?? 0), 0);
          const living = lives.all().filter(({ goneAt }) => goneAt === null);
          return isDone && isFollowed && living.length === pods && living.every(({ node }) => node !== null);
        },
        { timeout: 180_000, interval: 250 },
      ).then(() => undefined);

    // One after another, as a cluster grows: the order decides what shares a node.
    for (const workload of workloads) {
      await controlPlane.apply(workload.object(Math.max(workload.least, Math.ceil(wanted(workload.name)))));
    }
    await settled();
    await controlPlane.apply(...workloads.map((workload) => autoscalerOf(workload, stabilization)));
    const packdown = start === 'packed' ? first : await install();
    if (packdown !== null) await untilItLooksAhead(controlPlane);
    return {
      controlPlane,
      metrics,
      lives,
      packdown,
      settled,
      counts: async () =>
        Object.fromEntries(
          await Promise.all(workloads.map(async (workload) => [workload.name, (await read(workload)).spec.replicas])),
        ),
      stop,
    };
  } catch (error) {
    console.error(await controlPlane.logs());
    await stop();
    throw error;
  }
}

/** What packdown knows of a fleet that has just come it publishes soon; of changes to it, within half a minute. */
async function untilItLooksAhead({ api }: ControlPlane): Promise<void> {
  const path = '/api/v1/namespaces/packdown-system/configmaps?fieldSelector=metadata.name%3Dpackdown-target-set';
  await until(
    'packdown to know which nodes can become free',
    async () => {
      const { items } = await api.get<{ items: { data?: Record<string, string> }[] }>(path);
      return items.some(({ data = {} }) => Object.values(data).some((text) => text.includes('node-')));
    },
    { timeout: 180_000, interval: 250 },
  );
}

/** Whether an HPA leaves it at that: it tolerates a tenth. */
function isEnough(workload: Autoscaled | undefined, replicas: number, wanted: (name: string) => number): boolean {
  if (workload === undefined) return true;
  const load = Math.min(workload.most, Math.max(workload.least, wanted(workload.name)));
  return Math.ceil(load) === replicas || Math.abs(load / replicas - 1) <= 0.1;
}
