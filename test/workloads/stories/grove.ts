import { podClique } from '../../../src/workloads/grove/pod-clique.ts';
import { podCliqueScalingGroup } from '../../../src/workloads/grove/pod-clique-scaling-group.ts';
import { podCliqueSet } from '../../../src/workloads/grove/pod-clique-set.ts';
import { type KubernetesObject, objectOf, podObject } from '../../builders/objects.ts';
import type { AdapterStory } from '../adapter-contract.ts';

const API = 'grove.io/v1alpha1';
const set = (replicas: unknown, image = 'server:1', maxReplicas = 4) => {
  const clique = (name: string, spec: object) => ({ name, spec: { podSpec: { containers: [{ image }] }, ...spec } });
  return objectOf(API, 'PodCliqueSet', 'chat', {
    spec: {
      replicas,
      template: {
        cliques: [
          clique('router', { replicas: 2, autoScalingConfig: { maxReplicas } }),
          clique('prefill', { replicas: 3, minAvailable: 2 }),
          clique('decode', { replicas: 1 }),
        ],
        podCliqueScalingGroups: [{ name: 'workers', cliqueNames: ['prefill', 'decode'], replicas: 3, minAvailable: 2 }],
      },
    },
  });
};
const router = (replica: number, replicas: unknown = 2, image = 'server:1', labels = {}) =>
  objectOf(API, 'PodClique', `chat-${replica}-router`, {
    owner: set(2),
    labels,
    spec: { replicas, minAvailable: 1, podSpec: { containers: [{ image }] } },
  });
const workers = (replica: number, replicas: unknown = 2) =>
  objectOf(API, 'PodCliqueScalingGroup', `chat-${replica}-workers`, {
    owner: set(2),
    spec: { replicas, minAvailable: 1, cliqueNames: ['prefill', 'decode'] },
  });
const clique = (owner: KubernetesObject, replica: number, name: string) => {
  const object = objectOf(API, 'PodClique', `${owner.metadata.name}-${replica}-${name}`, {
    owner,
    spec: { replicas: 1 },
  });
  return [object, podObject(`${object.metadata.name}-a`, { owner: object })];
};
const routerPods = (replica: number) => [
  podObject(`chat-${replica}-router-old`, { owner: router(replica), age: 90 }),
  podObject(`chat-${replica}-router-new`, { owner: router(replica), age: 10 }),
];
const cliquesOf = (replica: number) =>
  [0, 1].flatMap((index) => ['prefill', 'decode'].flatMap((name) => clique(workers(replica), index, name)));
const around = [0, 1].flatMap((replica) => [
  router(replica),
  ...routerPods(replica),
  workers(replica),
  ...cliquesOf(replica),
]);
const workerPods = (replica: number) =>
  [0, 1].flatMap((index) => ['decode', 'prefill'].map((name) => `chat-${replica}-workers-${index}-${name}-a`));

const setStory: AdapterStory = {
  adapter: podCliqueSet,
  object: set,
  otherTemplate: (replicas) => set(replicas, 'server:2'),
  otherStrategy: (replicas) => set(replicas, 'server:1', 8),
  replicas: 2,
  reads: { gangMinimum: null, partition: null },
  roles: [
    { name: 'router', replicas: 2, gangMinimum: 2 },
    { name: 'workers', replicas: 3, gangMinimum: 2 },
  ],
  defaults: {
    object: { spec: { template: { cliques: [{ name: 'router' }], podCliqueScalingGroups: [{ name: 'workers' }] } } },
    replicas: 0,
    roles: { router: 1, workers: 1 },
  },
  // Of what it owns besides nobody knows a replica, whatever digits are in the name.
  around: [
    ...around,
    ...['chat-metrics', 'side-3-car'].map((name) => objectOf('apps/v1', 'Deployment', name, { owner: set(2) })),
  ],
  members: [0, 1].map(
    (replica) =>
      `chat-${replica}: ${[`chat-${replica}-router-new`, `chat-${replica}-router-old`, ...workerPods(replica)].join(' ')}`,
  ),
  roleMembers: {
    workers: [0, 1].flatMap((replica) =>
      [0, 1].map((index) => {
        const name = `chat-${replica}-workers-${index}`;
        return `${name}: ${name}-decode-a ${name}-prefill-a`;
      }),
    ),
  },
  scales: [
    {
      name: 'Grove PodCliqueSet loses its highest replica',
      to: 1,
      goes: ['chat-1'],
      notes: [/^PodCliqueSet\/llm\/chat is not steered/],
    },
    { name: 'Grove PodCliqueSet gets its lowest missing replicas', to: 3, created: ['chat-2'] },
    {
      name: 'Grove PodCliqueSet takes nothing of a scaling group that there is, for that keeps its count',
      role: 'workers',
      to: 1,
      warnings: [/^role workers of PodCliqueSet\/llm\/chat counts only what is created: .* scale them instead$/],
    },
    {
      name: 'Grove PodCliqueSet takes nothing of a clique that there is, nor adds to it',
      role: 'router',
      to: 5,
      warnings: [/^role router of PodCliqueSet\/llm\/chat counts only what is created: /],
    },
  ],
};

const groupStory: AdapterStory = {
  adapter: podCliqueScalingGroup,
  object: (replicas) => workers(0, replicas),
  replicas: 2,
  reads: { gangMinimum: 1 },
  defaults: { object: { spec: {} }, replicas: 1, gangMinimum: 1 },
  around: cliquesOf(0),
  owner: 'PodCliqueSet/chat',
  members: [0, 1].map(
    (index) => `chat-0-workers-${index}: chat-0-workers-${index}-decode-a chat-0-workers-${index}-prefill-a`,
  ),
  scales: [
    {
      name: 'Grove PodCliqueScalingGroup loses its highest replica',
      to: 1,
      goes: ['chat-0-workers-1'],
      notes: [/is not steered/],
    },
  ],
};

const leaving = ['prefill', 'decode'].flatMap((name) => {
  const object = objectOf(API, 'PodClique', `chat-0-workers-0-${name}`, { owner: workers(0), spec: { replicas: 1 } });
  return [object, podObject(`${object.metadata.name}-a`, { owner: object, deleting: true })];
});
const staying = [1, 2].flatMap((index) => ['prefill', 'decode'].flatMap((name) => clique(workers(0), index, name)));
const gappedStory: AdapterStory = {
  ...groupStory,
  replicas: 3,
  around: [...leaving, ...staying],
  members: [
    'chat-0-workers-0: chat-0-workers-0-decode-a chat-0-workers-0-prefill-a, not ready, deleting',
    ...[1, 2].map(
      (index) => `chat-0-workers-${index}: chat-0-workers-${index}-decode-a chat-0-workers-${index}-prefill-a`,
    ),
  ],
  scales: [
    {
      name: 'Grove PodCliqueScalingGroup of which a replica is being made anew loses nobody knows which',
      to: 1,
      warnings: [/^a replica of PodCliqueScalingGroup\/llm\/chat-0-workers is being made anew: which ones go /],
    },
  ],
};

const decodes = [0, 1, 2].flatMap((index) => clique(workers(0), index, 'decode').slice(0, index === 1 ? 1 : 2));
const halfGone = objectOf(API, 'PodClique', 'chat-0-workers-0-prefill', { owner: workers(0), spec: { replicas: 1 } });
const startingStory: AdapterStory = {
  ...groupStory,
  replicas: 3,
  around: [...decodes, halfGone, podObject('chat-0-workers-0-prefill-a', { owner: halfGone, deleting: true })],
  members: [
    'chat-0-workers-0: chat-0-workers-0-decode-a chat-0-workers-0-prefill-a, not ready',
    'chat-0-workers-1: , not ready',
    'chat-0-workers-2: chat-0-workers-2-decode-a',
  ],
  scales: [
    {
      name: 'Grove PodCliqueScalingGroup counts a replica that has no pods yet, or loses one of several',
      to: 2,
      goes: ['chat-0-workers-2'],
      notes: [/is not steered/],
    },
  ],
};

const cliqueStory: AdapterStory = {
  adapter: podClique,
  object: (replicas) => router(0, replicas),
  otherTemplate: (replicas) => router(0, replicas, 'server:2'),
  replicas: 3,
  reads: { gangMinimum: 1 },
  defaults: { object: { spec: {} }, replicas: 1 },
  around: [...routerPods(0), podObject('chat-0-router-sick', { owner: router(0), ready: false, age: 200 })],
  owner: 'PodCliqueSet/chat',
  members: [
    'chat-0-router-new: chat-0-router-new',
    'chat-0-router-old: chat-0-router-old',
    'chat-0-router-sick: chat-0-router-sick, not ready',
  ],
  scales: [
    {
      name: 'Grove PodClique loses what is not ready, then the newest',
      to: 1,
      goes: ['chat-0-router-sick', 'chat-0-router-new'],
      notes: [/^PodClique\/llm\/chat-0-router is not steered: .* takes what is not ready, then the newest first$/],
    },
  ],
};

const HASH = 'grove.io/pod-template-hash';
const rolled = (replicas: unknown, image = 'server:1') => router(0, replicas, image, { [HASH]: 'b' });
const rolledPod = (name: string, hash: string, age: number) =>
  podObject(`chat-0-router-${name}`, { owner: router(0), labels: { [HASH]: hash }, age });
const rollingStory: AdapterStory = {
  ...cliqueStory,
  object: rolled,
  otherTemplate: (replicas) => rolled(replicas, 'server:2'),
  around: [rolledPod('old', 'a', 90), rolledPod('new', 'b', 20), rolledPod('newest', 'b', 10)],
  members: ['new', 'newest', 'old'].map((name) => `chat-0-router-${name}: chat-0-router-${name}`),
  scales: [
    {
      name: 'Grove PodClique in the middle of a rollout loses what is of the older template before the newest',
      to: 1,
      goes: ['chat-0-router-old', 'chat-0-router-newest'],
      notes: [/is not steered/],
    },
  ],
};

const twins = ['a', 'b', 'c'].map((name) => podObject(`chat-0-router-${name}`, { owner: router(0), age: 20 }));
const sick = podObject('chat-0-router-sick', { owner: router(0), ready: false, age: 200 });
const twinsStory: AdapterStory = {
  ...cliqueStory,
  replicas: 4,
  around: [...twins, sick],
  members: [
    ...['a', 'b', 'c'].map((name) => `chat-0-router-${name}: chat-0-router-${name}`),
    'chat-0-router-sick: chat-0-router-sick, not ready',
  ],
  scales: [
    {
      name: 'Grove PodClique loses what is decided, and of pods that are equal nobody knows which',
      to: 2,
      goes: ['chat-0-router-sick'],
      notes: [/is not steered/],
      warnings: [/^of chat-0-router-a, chat-0-router-b, chat-0-router-c 1 will go, and nobody can tell which: /],
    },
    {
      name: 'Grove PodClique loses all that are equal where none of them stays',
      to: 0,
      goes: ['chat-0-router-sick', 'chat-0-router-a', 'chat-0-router-b', 'chat-0-router-c'],
      notes: [/is not steered/],
    },
  ],
};

export const stories: readonly AdapterStory[] = [
  setStory,
  groupStory,
  gappedStory,
  startingStory,
  cliqueStory,
  rollingStory,
  twinsStory,
];
