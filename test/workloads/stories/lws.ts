import { leaderWorkerSet } from '../../../src/workloads/lws/leader-worker-set.ts';
import { objectOf, podObject } from '../../builders/objects.ts';
import type { AdapterStory } from '../adapter-contract.ts';

const API = 'leaderworkerset.x-k8s.io/v1';
const lws = (replicas: unknown, image = 'server:1', maxSurge = 0) =>
  objectOf(API, 'LeaderWorkerSet', 'chat', {
    spec: {
      replicas,
      rolloutStrategy: { rollingUpdateConfiguration: { partition: 2, maxSurge } },
      leaderWorkerTemplate: { size: 2, workerTemplate: { spec: { containers: [{ image }] } } },
    },
  });
const leadersOf = (replicas: number) =>
  objectOf('apps/v1', 'StatefulSet', 'chat', { owner: lws(3), spec: { replicas } });
const leaders = leadersOf(3);
const labels = (group: number, worker: number) => ({
  'leaderworkerset.sigs.k8s.io/name': 'chat',
  'leaderworkerset.sigs.k8s.io/group-index': String(group),
  'leaderworkerset.sigs.k8s.io/worker-index': String(worker),
});
/** The leader belongs to the leaders' StatefulSet and owns the one of its workers. */
const group = (index: number, { ready = true, deleting = false } = {}) => {
  const leader = podObject(`chat-${index}`, { owner: leaders, labels: labels(index, 0), deleting });
  const workers = objectOf('apps/v1', 'StatefulSet', `chat-${index}`, { owner: leader, spec: { replicas: 1 } });
  return [leader, workers, podObject(`chat-${index}-1`, { owner: workers, labels: labels(index, 1), ready, deleting })];
};

const story: AdapterStory = {
  adapter: leaderWorkerSet,
  object: lws,
  otherTemplate: (replicas) => lws(replicas, 'server:2'),
  replicas: 3,
  reads: { partition: { kind: 'int', value: 2 }, gangMinimum: null },
  roles: [{ name: 'default', workers: 1 }],
  defaults: { object: { spec: {} }, replicas: 1, roles: { default: 1 } },
  around: [
    leaders,
    ...group(0, { ready: false }),
    ...group(1),
    ...group(2).slice(0, 1),
    ...group(3, { deleting: true }),
    podObject('chat-odd', { owner: leaders, labels: { 'leaderworkerset.sigs.k8s.io/name': 'chat' } }),
  ],
  members: [
    'chat-0: chat-0 chat-0-1, not ready',
    'chat-1: chat-1 chat-1-1',
    'chat-2: chat-2, not ready',
    'chat-3: chat-3 chat-3-1, not ready, deleting',
  ],
  roleMembers: { default: [] },
  scales: [
    {
      name: 'LeaderWorkerSet loses its highest group index, ready or not',
      to: 1,
      goes: ['chat-2', 'chat-1'],
      notes: [/^LeaderWorkerSet\/llm\/chat is not steered: .* takes the highest ordinal first$/],
    },
    { name: 'LeaderWorkerSet gets its lowest missing group indexes', to: 5, created: ['chat-4'] },
  ],
};

const keepsMore =
  /^LeaderWorkerSet\/llm\/chat keeps up to its maxSurge of groups more until the others are updated and ready: /;
const surging: AdapterStory = {
  ...story,
  object: (replicas) => lws(replicas, 'server:1', 1),
  around: [leadersOf(4), ...group(0), ...group(1), ...group(2), ...group(3)],
  members: [0, 1, 2, 3].map((index) => `chat-${index}: chat-${index} chat-${index}-1`),
  scales: [{ name: 'LeaderWorkerSet with surge groups loses nobody knows which', to: 2, warnings: [keepsMore] }],
};

const starting: AdapterStory = {
  ...surging,
  around: [leaders, ...group(0), ...group(1, { ready: false }), ...group(2)],
  members: ['chat-0: chat-0 chat-0-1', 'chat-1: chat-1 chat-1-1, not ready', 'chat-2: chat-2 chat-2-1'],
  scales: [
    {
      name: 'LeaderWorkerSet that may surge keeps nobody knows how many while one that stays is not ready',
      to: 2,
      warnings: [keepsMore],
    },
    {
      name: 'LeaderWorkerSet that may surge loses its highest group indexes while all that stay are ready',
      to: 1,
      goes: ['chat-2', 'chat-1'],
      notes: [/is not steered/],
    },
  ],
};

const surged: AdapterStory = {
  ...surging,
  around: [leaders, ...group(0), ...group(1), ...group(2), ...group(3, { deleting: true })],
  members: [
    ...[0, 1, 2].map((index) => `chat-${index}: chat-${index} chat-${index}-1`),
    'chat-3: chat-3 chat-3-1, not ready, deleting',
  ],
  scales: [
    {
      name: 'LeaderWorkerSet that may surge loses its highest group index once its surge groups have gone',
      to: 2,
      goes: ['chat-2'],
      notes: [/is not steered/],
    },
  ],
};

const serving = objectOf('workload.serving.volcano.sh/v1alpha1', 'ModelServing', 'chat', {
  owner: lws(2),
  spec: { replicas: 2, template: { roles: [{ name: 'default', replicas: 1, workerReplicas: 1 }] } },
});
const servingPod = (index: number, worker: number, cost: number) =>
  podObject(`chat-${index}-default-0-${worker}`, {
    owner: serving,
    labels: {
      ...labels(index, worker),
      'modelserving.volcano.sh/name': 'chat',
      'modelserving.volcano.sh/group-name': `chat-${index}`,
      'modelserving.volcano.sh/role': 'default',
      'modelserving.volcano.sh/role-id': 'default-0',
      ...(worker === 0 && { 'modelserving.volcano.sh/entry': 'true' }),
    },
    annotations: { 'controller.kubernetes.io/pod-deletion-cost': String(cost) },
  });

/** Without the LeaderWorkerSet controller, Kthena makes a ModelServing of the same name. */
const underKthena: AdapterStory = {
  ...story,
  replicas: 2,
  around: [serving, servingPod(0, 0, 10), servingPod(0, 1, 10), servingPod(1, 0, 30), servingPod(1, 1, 30)],
  members: ['chat-0: chat-0-default-0-0 chat-0-default-0-1', 'chat-1: chat-1-default-0-0 chat-1-default-0-1'],
  scales: [
    {
      name: 'LeaderWorkerSet under Kthena loses the group with the lowest sum of costs',
      to: 1,
      goes: ['chat-0'],
      steered: true,
    },
  ],
};

export const stories: readonly AdapterStory[] = [story, surging, starting, surged, underKthena];
