import { defaultConfig } from '../../src/config/config.ts';
import type { Snapshot } from '../../src/domain/fleet/snapshot.ts';
import type { BinpackWeights } from '../../src/domain/score/binpack.ts';
import { KeptScores } from '../../src/scheduler/kept-scores.ts';
import type { Preferences } from '../../src/scheduler/node-scores.ts';
import { type HostPriority, prioritize } from '../../src/scheduler/prioritize.ts';
import { isObject, type JsonObject } from '../../src/workloads/core/json.ts';

type Amounts = Readonly<Record<string, string | number>>;

/** What most nodes of these tests have. */
export const EIGHT_GPUS: Amounts = { cpu: '64', memory: '512Gi', 'nvidia.com/gpu': '8', pods: '110' };

/** A Node as kube-scheduler sends it whole. */
export function nodeObject(name: string, allocatable: Amounts = EIGHT_GPUS): JsonObject {
  return {
    metadata: {
      name,
      uid: `uid-of-${name}`,
      resourceVersion: '812',
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' },
      managedFields: [{ manager: 'kubelet', operation: 'Update', apiVersion: 'v1', subresource: 'status' }],
    },
    spec: { podCIDR: '10.0.0.0/24', taints: [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }] },
    status: {
      capacity: allocatable,
      allocatable,
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
      nodeInfo: { kubeletVersion: 'v1.36.3', operatingSystem: 'linux', architecture: 'amd64' },
    },
  };
}

/** A pending Pod as kube-scheduler sends it, with one container that requests this. */
export function pendingPod(requests: Amounts = { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '2' }): JsonObject {
  return {
    metadata: {
      name: 'llama-0-decode-0-0',
      namespace: 'default',
      uid: '1100ff94-e6f7-4a1b-918b-f189266c0a45',
      creationTimestamp: '2026-06-01T12:00:00Z',
      labels: { 'modelserving.volcano.sh/role': 'decode' },
    },
    spec: {
      containers: [
        { name: 'server', image: 'registry.example.com/server:1', resources: { requests, limits: requests } },
      ],
      schedulerName: 'default-scheduler',
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
    },
    status: { phase: 'Pending', qosClass: 'Guaranteed' },
  };
}

/** ExtenderArgs with nodeCacheCapable: true. */
export function byName(names: readonly string[] | null, pod: unknown = pendingPod()): object {
  return { Pod: pod, Nodes: null, NodeNames: names };
}

/** ExtenderArgs with nodeCacheCapable: false. */
export function byNode(items: readonly unknown[] | null, pod: unknown = pendingPod()): object {
  return { Pod: pod, Nodes: { metadata: {}, items }, NodeNames: null };
}

/** The answer to a first prioritize, by default as packdown is installed. */
export function prioritized(
  body: unknown,
  snapshot: Snapshot,
  weights: BinpackWeights,
  preferences: Preferences = { ...defaultConfig.scheduler, targetSet: [] },
): readonly HostPriority[] {
  return prioritize(body, snapshot, preferences, new KeptScores(weights));
}

/** `{ n1: 2 }` of `[{ Host: 'n1', Score: 2 }]`, for what does not pin bytes. */
export function scoresOf(priorities: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(priorities.filter(isObject).map(({ Host, Score }) => [Host, Score]));
}
