import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ApiError, apiClient } from '../control-plane/api-client.ts';
import type { Cluster } from '../control-plane/cluster.ts';
import { until } from '../control-plane/wait.ts';
import { label, type ModelServing, type Pod } from './model-serving.ts';
import { type Decision, ServingController } from './serving-controller.ts';
import { DelayedQueue, listAndWatch } from './watch.ts';

export interface KthenaDoubleSettings {
  /** Path of a kubeconfig that may do everything. */
  kubeconfig: string;
  /** Decides how long each pod takes to end. */
  seed: number;
  /** Milliseconds by which the double sees pods late. Default 0. */
  podWatchDelayMs?: number;
}

export interface KthenaDouble {
  /** Every scale-down decided so far, oldest first. */
  decisions: readonly Decision[];
  /** Changes the delay of pod events from now on. */
  delayPodWatch(milliseconds: number): void;
  stop(): Promise<void>;
}

/** Creates the definition of `crds/`, and waits until it is served. Do that before the controller manager starts. */
export async function createKthenaDefinition({ api, kubectlOutput }: Cluster): Promise<void> {
  await kubectlOutput('apply', '-f', fileURLToPath(new URL('../crds', import.meta.url)));
  await until('modelservings to be served', () => api.get<object>('/apis/workload.serving.volcano.sh/v1alpha1'));
}

/**
 * A TEST DOUBLE of Kthena's ModelServing controller: not Kthena, and no part of packdown. It stands in where the real
 * one is not to be had, and is at least as nasty in what matters to a scale-down:
 *
 * - it knows pods only from its own watch, which can be delayed;
 * - it ranks by what it remembers: a group or role replica that was running goes on so while a pod is unready or
 *   terminating;
 * - it recounts after every pod event, groups being deleted included: these rank with the groups that are not ready, by
 *   the sum of the pods they have left, until a late event of a pod takes one for running again;
 * - the pods of a group vanish one by one, 0.1 to 2 s after their deletion (kwok plays that).
 *
 * It has no ControllerRevisions, rollouts, PodGroups, Services or recovery policies: a lost pod is made anew, alone.
 */
export async function startKthenaDouble(settings: KthenaDoubleSettings): Promise<KthenaDouble> {
  const api = await apiClient(settings.kubeconfig);
  const stopping = new AbortController();
  const podEvents = new DelayedQueue(settings.podWatchDelayMs ?? 0);
  const decisions: Decision[] = [];
  /** By the uid of the ModelServing, so that one made anew under the same name starts from nothing. */
  const controllers = new Map<string, ServingController>();
  const working = new Map<string, Promise<void>>();
  const dirty = new Set<string>();

  function controllerOf(uid: string): ServingController {
    const known = controllers.get(uid);
    if (known !== undefined) return known;
    const controller = new ServingController(api, settings.seed, (decision) => decisions.push(decision));
    controllers.set(uid, controller);
    return controller;
  }

  /** One reconciliation at a time for each ModelServing; a failed one is repeated. */
  async function work(uid: string): Promise<void> {
    while (dirty.delete(uid) && !stopping.signal.aborted) {
      try {
        await controllers.get(uid)?.reconcile();
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (!(error instanceof ApiError && error.status === 409)) console.error(`Kthena double, tried again: ${error}`);
        dirty.add(uid);
        await delay(500);
      }
    }
  }

  function recount(uid: string): void {
    dirty.add(uid);
    if (!working.has(uid)) {
      working.set(
        uid,
        work(uid).finally(() => working.delete(uid)),
      );
    }
  }

  function deliverPod(pod: Pod, deliver: (controller: ServingController) => void): void {
    const owner = ownerOf(pod);
    podEvents.add(() => {
      deliver(controllerOf(owner));
      recount(owner);
    });
  }

  function servingSeen(serving: ModelServing): void {
    controllerOf(serving.metadata.uid).servingSeen(serving);
    recount(serving.metadata.uid);
  }

  const watches = [
    listAndWatch<Pod>(
      api,
      `/api/v1/pods?${new URLSearchParams({ labelSelector: label.name })}`,
      {
        replaced: (pods) =>
          podEvents.add(() => {
            const owners = new Set([...controllers.keys(), ...pods.map(ownerOf)]);
            for (const uid of owners) {
              controllerOf(uid).podsReplaced(pods.filter((pod) => ownerOf(pod) === uid));
              recount(uid);
            }
          }),
        changed: (pod) => deliverPod(pod, (controller) => controller.podSeen(pod)),
        deleted: (pod) => deliverPod(pod, (controller) => controller.podGone(pod.metadata.name)),
      },
      stopping.signal,
    ),
    listAndWatch<ModelServing>(
      api,
      '/apis/workload.serving.volcano.sh/v1alpha1/modelservings?',
      {
        replaced: (servings) => {
          for (const uid of controllers.keys()) {
            if (!servings.some(({ metadata }) => metadata.uid === uid)) controllers.delete(uid);
          }
          servings.forEach(servingSeen);
        },
        changed: servingSeen,
        deleted: ({ metadata }) => controllers.delete(metadata.uid),
      },
      stopping.signal,
    ),
  ];

  return {
    decisions,
    delayPodWatch: (milliseconds) => {
      podEvents.delay = milliseconds;
    },
    stop: async () => {
      stopping.abort();
      podEvents.clear();
      await Promise.all([...watches, ...working.values()]);
      await api.close();
    },
  };
}

function ownerOf({ metadata }: Pod): string {
  return metadata.ownerReferences?.[0]?.uid ?? '';
}
