import { disaggregatedSet } from '../../../src/workloads/disaggregated-set/disaggregated-set.ts';
import { disaggregatedSetRoleScaler } from '../../../src/workloads/disaggregated-set/role-scaler.ts';
import { objectOf, podObject } from '../../builders/objects.ts';
import type { AdapterStory } from '../adapter-contract.ts';

const API = 'disaggregatedset.x-k8s.io/v1';
const template = (image: string) => ({ size: 1, workerTemplate: { spec: { containers: [{ image }] } } });
const set = (slices: unknown, image = 'server:1', surge = 0) =>
  objectOf(API, 'DisaggregatedSet', 'chat', {
    spec: {
      slices,
      roles: [
        {
          name: 'prefill',
          spec: {
            replicas: 1,
            rolloutStrategy: { rollingUpdateConfiguration: { maxSurge: surge } },
            leaderWorkerTemplate: template(image),
          },
        },
        { name: 'decode', spec: { replicas: 2, leaderWorkerTemplate: { ...template(image), size: 2 } } },
        { name: 'router', scaling: { mode: 'External' }, spec: { replicas: 7 } },
      ],
    },
  });

/** What the controller makes of one role in one slice: a LeaderWorkerSet whose pods carry both label sets. */
const role = (slice: number, name: string, groups: number, { revision = 'a1', surge = 0, starting = -1 } = {}) => {
  const lws = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', `chat-${slice}-${revision}-${name}`, {
    owner: set(2),
    labels: { 'disaggregatedset.x-k8s.io/slice': String(slice), 'disaggregatedset.x-k8s.io/role': name },
    spec: { replicas: groups, rolloutStrategy: { rollingUpdateConfiguration: { maxSurge: surge } } },
  });
  const leaders = objectOf('apps/v1', 'StatefulSet', lws.metadata.name, { owner: lws, spec: { replicas: groups } });
  const pods = Array.from({ length: groups }, (_, group) =>
    podObject(`${lws.metadata.name}-${group}`, {
      owner: leaders,
      ready: group !== starting,
      labels: {
        'disaggregatedset.x-k8s.io/name': 'chat',
        'disaggregatedset.x-k8s.io/slice': String(slice),
        'disaggregatedset.x-k8s.io/role': name,
        'leaderworkerset.sigs.k8s.io/name': lws.metadata.name,
        'leaderworkerset.sigs.k8s.io/group-index': String(group),
      },
    }),
  );
  return [lws, leaders, ...pods];
};
const around = [0, 1].flatMap((slice) => [
  ...role(slice, 'prefill', 1),
  ...role(slice, 'decode', 2),
  ...role(slice, 'router', 2),
]);

const story: AdapterStory = {
  adapter: disaggregatedSet,
  object: set,
  otherTemplate: (slices) => set(slices, 'server:2'),
  otherStrategy: (slices) => set(slices, 'server:1', 1),
  replicas: 2,
  reads: { partition: null, gangMinimum: null, roleOrder: ['prefill', 'decode', 'router'] },
  roles: [
    { name: 'prefill', hasScaler: false },
    { name: 'decode', replicas: 2, workers: 1, hasScaler: false },
  ],
  defaults: { object: { spec: { roles: [{ name: 'prefill' }] } }, replicas: 1, roles: { prefill: 1 } },
  around,
  members: [0, 1].map(
    (slice) =>
      `chat-${slice}: chat-${slice}-a1-decode-0 chat-${slice}-a1-decode-1 chat-${slice}-a1-prefill-0 chat-${slice}-a1-router-0 chat-${slice}-a1-router-1`,
  ),
  roleMembers: {
    decode: [
      'chat-0/decode-0: chat-0-a1-decode-0',
      'chat-0/decode-1: chat-0-a1-decode-1',
      'chat-1/decode-0: chat-1-a1-decode-0',
      'chat-1/decode-1: chat-1-a1-decode-1',
    ],
  },
  scales: [
    {
      name: 'DisaggregatedSet loses its highest slice',
      to: 1,
      goes: ['chat-1'],
      notes: [/^DisaggregatedSet\/llm\/chat is not steered/],
    },
    {
      name: 'DisaggregatedSet loses the highest group index of a role, in every slice',
      role: 'decode',
      to: 1,
      goes: ['chat-0/decode-1', 'chat-1/decode-1'],
      notes: [/^DisaggregatedSet\/llm\/chat:decode is not steered/],
    },
    { name: 'DisaggregatedSet gets its lowest missing slices', to: 4, created: ['chat-2', 'chat-3'] },
    {
      name: 'DisaggregatedSet gets the next group index of a role, in every slice',
      role: 'prefill',
      to: 2,
      created: ['chat-0-a1-prefill-1', 'chat-1-a1-prefill-1'],
    },
  ],
};

const rolling: AdapterStory = {
  ...story,
  around: [...around, ...role(0, 'decode', 1, { revision: 'b2' })],
  members: [
    `chat-0: chat-0-a1-decode-0 chat-0-a1-decode-1 chat-0-a1-prefill-0 chat-0-a1-router-0 chat-0-a1-router-1 chat-0-b2-decode-0`,
    ...story.members.slice(1),
  ],
  roleMembers: { decode: ['chat-1/decode-0: chat-1-a1-decode-0', 'chat-1/decode-1: chat-1-a1-decode-1'] },
  scales: [
    {
      name: 'DisaggregatedSet in the middle of a rollout is not foreseen',
      role: 'decode',
      to: 1,
      goes: ['chat-1/decode-1'],
      notes: [/is not steered/],
      warnings: [/^role decode of chat-0 is in the middle of a rollout/],
    },
  ],
};

/** The set of the new revision is there, and none of its pods. */
const beginning: AdapterStory = {
  ...rolling,
  around: [...around, ...role(0, 'decode', 0, { revision: 'b2' })],
  members: story.members,
};

const scaler: AdapterStory = {
  adapter: disaggregatedSetRoleScaler,
  object: (replicas) =>
    objectOf(API, 'DisaggregatedSetRoleScaler', 'chat-router', {
      owner: set(2),
      labels: { 'disaggregatedset.x-k8s.io/name': 'chat', 'disaggregatedset.x-k8s.io/role': 'router' },
      spec: { replicas },
    }),
  replicas: 2,
  reads: {
    target: {
      group: 'disaggregatedset.x-k8s.io',
      kind: 'DisaggregatedSet',
      namespace: 'llm',
      name: 'chat',
      role: 'router',
    },
  },
  defaults: { object: { spec: {} }, replicas: 0 },
  around: [set(2), ...around],
  owner: 'DisaggregatedSet/chat',
  members: [
    'chat-0/router-0: chat-0-a1-router-0',
    'chat-0/router-1: chat-0-a1-router-1',
    'chat-1/router-0: chat-1-a1-router-0',
    'chat-1/router-1: chat-1-a1-router-1',
  ],
  scales: [
    {
      name: 'DisaggregatedSetRoleScaler takes the highest group index of its role, in every slice',
      to: 1,
      goes: ['chat-0/router-1', 'chat-1/router-1'],
      notes: [/^DisaggregatedSetRoleScaler\/llm\/chat-router is not steered/],
    },
  ],
};

/** Of the first slice, groups may be kept beyond the count until the one that is starting is ready. */
const surging: AdapterStory = {
  ...scaler,
  around: [set(2), ...role(0, 'router', 2, { surge: 1, starting: 0 }), ...role(1, 'router', 2, { surge: 1 })],
  members: scaler.members.map((member) => (member.startsWith('chat-0/router-0') ? `${member}, not ready` : member)),
  scales: [
    {
      name: 'DisaggregatedSetRoleScaler with a maxSurge is not foreseen in a slice that is not all ready',
      to: 1,
      goes: ['chat-1/router-1'],
      notes: [/is not steered/],
      warnings: [/^LeaderWorkerSet\/llm\/chat-0-a1-router keeps up to its maxSurge of groups more /],
    },
  ],
};

export const stories: readonly AdapterStory[] = [story, rolling, beginning, scaler, surging];
