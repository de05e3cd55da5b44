import { roleBasedGroup } from '../../../src/workloads/rbg/role-based-group.ts';
import { roleBasedGroupSet } from '../../../src/workloads/rbg/role-based-group-set.ts';
import { roleInstanceSet } from '../../../src/workloads/rbg/role-instance-set.ts';
import { roleBasedGroupScalingAdapter } from '../../../src/workloads/rbg/scaling-adapter.ts';
import { type KubernetesObject, type ObjectFields, objectOf, podObject } from '../../builders/objects.ts';
import type { AdapterStory, StoryScale } from '../adapter-contract.ts';

const API = 'workloads.x-k8s.io/v1alpha2';
const COST = 'controller.kubernetes.io/instance-deletion-cost';
const PATTERN = 'rbg.workloads.x-k8s.io/role-instance-pattern';

const roles = (decode: unknown, image: string) => [
  { name: 'prefill', replicas: 1, standalonePattern: { template: { spec: { containers: [{ image }] } } } },
  {
    name: 'decode',
    replicas: decode,
    dependencies: ['prefill'],
    leaderWorkerPattern: { size: 2 },
    rolloutStrategy: { rollingUpdate: { partition: '50%' } },
  },
  { name: 'router', customComponentsPattern: { components: [{ name: 'front' }, { name: 'cache', size: 2 }] } },
];
/** The same, with adapters and rolled in another way. */
const scaledRoles = roles(3, 'server:1').map((role) => ({
  ...role,
  scalingAdapter: { enable: true },
  rolloutStrategy: { rollingUpdate: { maxUnavailable: 2 } },
  minReadySeconds: 9,
}));
const group = (name = 'chat', image = 'server:1', fields: ObjectFields = {}) =>
  objectOf(API, 'RoleBasedGroup', name, { ...fields, spec: { roles: roles(3, image) } });

const instanceSet = (
  replicas: unknown,
  pattern = 'Stateless',
  owner = group(),
  image = 'server:1',
  roleInstanceToDelete: readonly string[] = [],
) =>
  objectOf(API, 'RoleInstanceSet', `${owner.metadata.name}-decode`, {
    owner,
    annotations: { [PATTERN]: pattern },
    spec: {
      replicas,
      minReadySeconds: 30,
      updateStrategy: { partition: 1 },
      scaleStrategy: { roleInstanceToDelete },
      roleInstanceTemplate: { components: [{ name: 'leader', template: { spec: { containers: [{ image }] } } }] },
    },
  });

interface InstanceFields extends Omit<ObjectFields, 'owner'> {
  readonly ready?: boolean;
  readonly readySince?: string;
  readonly components?: number;
  readonly cost?: string;
  readonly revision?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A RoleInstance and its two pods. */
const instance = (owner: KubernetesObject, name: string, fields: InstanceFields = {}) => {
  const { ready = true, components = 1, cost, revision = 'r1', labels: more, ...others } = fields;
  const { readySince = '2026-06-01T11:00:00Z', ...rest } = others;
  const object = objectOf(API, 'RoleInstance', name, {
    ...rest,
    owner,
    labels: { 'controller-revision-hash': revision, ...more },
    annotations: cost === undefined ? {} : { [COST]: cost },
    status: {
      componentStatuses: Array.from({ length: components }, (_, index) => ({ name: `c${index}`, size: 1 })),
      conditions: [{ type: 'RoleInstanceReady', status: ready ? 'True' : 'False', lastTransitionTime: readySince }],
    },
  });
  const labels = { 'rbg.workloads.x-k8s.io/role-instance-name': name };
  return [object, ...[0, 1].map((index) => podObject(`${name}-${index}`, { ...rest, owner: object, labels, ready }))];
};

const set = instanceSet(3);
const three = [
  ...instance(set, 'chat-decode-aa', { age: 90 }),
  ...instance(set, 'chat-decode-bb', { age: 60 }),
  ...instance(set, 'chat-decode-cc', { age: 30 }),
];
const member = (name: string) => `${name}: ${name}-0 ${name}-1`;

/** A RoleInstanceSet whose instances are all that differs. */
const withInstances = (
  instances: readonly object[],
  members: readonly string[],
  scales: readonly StoryScale[],
): AdapterStory => ({
  adapter: roleInstanceSet,
  object: (replicas) => instanceSet(replicas),
  otherTemplate: (replicas) => instanceSet(replicas, 'Stateless', group(), 'server:2'),
  replicas: 3,
  reads: { partition: { kind: 'int', value: 1 }, minReadySeconds: 30 },
  defaults: { object: { spec: {} }, replicas: 1 },
  around: instances,
  owner: 'RoleBasedGroup/chat',
  members,
  scales,
});

const stateless = withInstances(
  three,
  ['aa', 'bb', 'cc'].map((name) => member(`chat-decode-${name}`)),
  [
    {
      name: 'RBG stateless RoleInstanceSet is steered by a cost on the RoleInstance',
      to: 2,
      goes: ['chat-decode-cc'],
      writes: ['RoleInstance chat-decode-cc -1000'],
    },
    { name: 'RBG stateless RoleInstanceSet gives new instances random names', to: 5 },
  ],
);

const ofOneAge = withInstances(
  ['bb', 'aa', 'cc'].flatMap((name) => instance(set, `chat-decode-${name}`)),
  ['aa', 'bb', 'cc'].map((name) => member(`chat-decode-${name}`)),
  [
    {
      name: 'RBG stateless RoleInstanceSet counts those of one age by their names, in whatever order they are known',
      to: 2,
      goes: ['chat-decode-cc'],
      writes: ['RoleInstance chat-decode-cc -1000'],
    },
  ],
);

const costs = withInstances(
  [
    ...instance(set, 'chat-decode-aa', { cost: '10', age: 90 }),
    ...instance(set, 'chat-decode-bb', { cost: '35', age: 60 }),
    ...instance(set, 'chat-decode-cc', { cost: '30', age: 30 }),
    ...instance(set, 'chat-decode-dd', { deleting: true }),
  ],
  ['aa', 'bb', 'cc'].map((name) => member(`chat-decode-${name}`)),
  [
    {
      name: 'RBG stateless RoleInstanceSet obeys the lower cost that somebody else wrote',
      to: 1,
      goes: ['chat-decode-aa', 'chat-decode-cc'],
      steered: true,
    },
  ],
);

const unready = withInstances(
  [
    ...instance(set, 'chat-decode-aa', { components: 0, cost: '50', age: 90 }),
    ...instance(set, 'chat-decode-bb', { ready: false, cost: '40', age: 60 }),
    ...instance(set, 'chat-decode-cc', { cost: '+10', age: 30 }),
  ],
  [member('chat-decode-aa'), `${member('chat-decode-bb')}, not ready`, member('chat-decode-cc')],
  [
    {
      name: 'RBG stateless RoleInstanceSet takes those without a component, then not ready, before any cost',
      to: 1,
      goes: ['chat-decode-aa', 'chat-decode-bb'],
      steered: true,
    },
  ],
);

const fresh = withInstances(
  [
    ...instance(set, 'chat-decode-aa', { readySince: '2026-06-01T11:59:45Z', cost: '50', age: 30 }),
    ...instance(set, 'chat-decode-bb', { cost: '40', age: 60 }),
    ...instance(set, 'chat-decode-cc', { cost: '10', age: 90 }),
  ],
  ['cc', 'bb', 'aa'].map((name) => member(`chat-decode-${name}`)),
  [
    {
      name: 'RBG stateless RoleInstanceSet takes what has not been ready for minReadySeconds before any cost',
      to: 1,
      goes: ['chat-decode-aa', 'chat-decode-cc'],
      steered: true,
    },
  ],
);

const told = withInstances(
  [
    ...instance(set, 'chat-decode-aa', { labels: { 'rbg.workloads.x-k8s.io/role-instance-delete': '' }, age: 90 }),
    ...instance(set, 'chat-decode-bb', {
      labels: { 'rbg.workloads.x-k8s.io/role-instance-lifecycle-state': 'PreparingDelete' },
      age: 60,
    }),
    ...instance(set, 'chat-decode-cc', {
      labels: { 'rbg.workloads.x-k8s.io/role-instance-lifecycle-state': 'Normal' },
      ready: false,
      components: 0,
      cost: '-50',
      age: 30,
    }),
  ],
  [member('chat-decode-aa'), member('chat-decode-bb'), `${member('chat-decode-cc')}, not ready`],
  [
    {
      name: 'RBG stateless RoleInstanceSet takes what is labelled to be deleted, or being prepared for it, before any other',
      to: 1,
      goes: ['chat-decode-bb', 'chat-decode-aa'],
      steered: true,
    },
  ],
);

const listed: AdapterStory = {
  ...stateless,
  object: (replicas) => instanceSet(replicas, 'Stateless', group(), 'server:1', ['chat-decode-aa']),
  reads: { goesFirst: ['chat-decode-aa'] },
  scales: [
    {
      name: 'RBG stateless RoleInstanceSet takes what its spec lists to be deleted before the lower cost',
      to: 1,
      goes: ['chat-decode-aa', 'chat-decode-cc'],
      writes: ['RoleInstance chat-decode-cc -1000'],
    },
    {
      name: 'RBG stateless RoleInstanceSet needs no cost where its spec lists all that go',
      to: 2,
      goes: ['chat-decode-aa'],
      steered: true,
    },
  ],
};

/** Of which r2 is the newest revision; its partition holds one instance at an older one. */
const towardsR2 = (instances: readonly object[], members: readonly string[], scales: readonly StoryScale[]) => {
  const story = withInstances(instances, members, scales);
  return {
    ...story,
    object: (replicas: unknown) => ({ ...instanceSet(replicas), status: { updateRevision: 'chat-decode-r2' } }),
    reads: { ...story.reads, updateRevision: 'r2' },
  };
};

const unforeseen = (what: string, to: number): StoryScale => ({
  name: `RBG stateless RoleInstanceSet ${what} is not foreseen`,
  to,
  warnings: [/^RoleInstanceSet\/llm\/chat-decode is in the middle of a rollout/],
});

const fourOfTwoRevisions = [...three, ...instance(set, 'chat-decode-dd', { revision: 'r2' })];
const rolling = towardsR2(fourOfTwoRevisions, [], [unforeseen('in the middle of a rollout', 2)]);
const unsaid = withInstances(fourOfTwoRevisions, [], [unforeseen('of two revisions whose status names none', 2)]);

const held = towardsR2(
  [
    ...instance(set, 'chat-decode-aa', { revision: 'r2', age: 90 }),
    ...instance(set, 'chat-decode-bb', { revision: 'chat-decode-r2', age: 60 }),
    ...instance(set, 'chat-decode-cc', { revision: 'r1', age: 30 }),
  ],
  ['cc', 'aa', 'bb'].map((name) => member(`chat-decode-${name}`)),
  [
    {
      name: 'RBG stateless RoleInstanceSet keeps what its partition holds at an older revision',
      to: 1,
      goes: ['chat-decode-bb', 'chat-decode-aa'],
      steered: true,
    },
    {
      name: 'RBG stateless RoleInstanceSet is steered among its newest revision while its partition holds the rollout',
      to: 2,
      goes: ['chat-decode-bb'],
      writes: ['RoleInstance chat-decode-bb -1000'],
    },
  ],
);

const toldWhileHeld = towardsR2(
  [
    ...instance(set, 'chat-decode-aa', { revision: 'r1', age: 90 }),
    ...instance(set, 'chat-decode-bb', { revision: 'r2', age: 60 }),
    ...instance(set, 'chat-decode-cc', {
      revision: 'r2',
      labels: { 'rbg.workloads.x-k8s.io/role-instance-delete': '' },
      age: 30,
    }),
  ],
  [],
  [unforeseen('that was told to delete one while its partition holds the rollout', 1)],
);

const ordered = instanceSet(3, 'Stateful');
const orderedInstances = [0, 1, 2].flatMap((index) =>
  instance(ordered, `chat-decode-${index}`, { cost: `${9 - index}` }),
);
const stateful: AdapterStory = {
  ...withInstances(
    orderedInstances,
    [0, 1, 2].map((index) => member(`chat-decode-${index}`)),
    [
      {
        name: 'RBG stateful RoleInstanceSet loses its highest index, whatever it costs',
        to: 1,
        goes: ['chat-decode-2', 'chat-decode-1'],
        notes: [/^RoleInstanceSet\/llm\/chat-decode is not steered/],
      },
      { name: 'RBG stateful RoleInstanceSet gets its lowest missing indexes', to: 4, created: ['chat-decode-3'] },
    ],
  ),
  object: (replicas) => instanceSet(replicas, 'Stateful'),
};

/** In a rollout to r2 that may add an instance: of the indexes 1 and up, for its partition holds one. */
const surging = (revisions: readonly string[], scale: StoryScale): AdapterStory => ({
  ...stateful,
  object: (replicas) => ({
    ...instanceSet(replicas, 'Stateful'),
    spec: { replicas, minReadySeconds: 30, updateStrategy: { partition: 1, maxSurge: 1 } },
    status: { currentRevision: 'chat-decode-r1', updateRevision: 'chat-decode-r2' },
  }),
  otherTemplate: (replicas) => instanceSet(replicas, 'Stateful', group(), 'server:2'),
  reads: { ...stateful.reads, updateRevision: 'r2', surges: true },
  around: revisions.flatMap((revision, index) => instance(ordered, `chat-decode-${index}`, { revision })),
  scales: [scale],
});
const surgingStories = [
  surging(['r1', 'r1', 'r2'], {
    name: 'RBG stateful RoleInstanceSet with a maxSurge is not foreseen in the middle of a rollout',
    to: 2,
    warnings: [/^RoleInstanceSet\/llm\/chat-decode keeps up to its maxSurge of instances more until /],
  }),
  surging(['r1', 'r2', 'r1'], {
    name: 'RBG stateful RoleInstanceSet with a maxSurge loses its highest index once all that stay are rolled',
    to: 2,
    goes: ['chat-decode-2'],
    notes: [/is not steered/],
  }),
];

const groupStory: AdapterStory = {
  adapter: roleBasedGroup,
  object: () => group(),
  otherTemplate: () => group('chat', 'server:2'),
  otherStrategy: () => objectOf(API, 'RoleBasedGroup', 'chat', { spec: { roles: scaledRoles } }),
  replicas: 1,
  counted: false,
  reads: { gangMinimum: null, roleOrder: [] },
  roles: [
    { name: 'prefill' },
    {
      name: 'decode',
      replicas: 3,
      workers: 1,
      dependencies: ['prefill'],
      partition: { kind: 'percent', value: 50 },
    },
    { name: 'router', workers: 2 },
  ],
  defaults: { object: { spec: { roles: [{ name: 'prefill' }] } }, replicas: 1, roles: { prefill: 1 } },
  around: [set, ...three],
  members: [],
  roleMembers: { prefill: [], decode: ['aa', 'bb', 'cc'].map((name) => `chat/${member(`chat-decode-${name}`)}`) },
  scales: [
    {
      name: 'RBG RoleBasedGroup shows what the RoleInstanceSet of a role will delete',
      role: 'decode',
      to: 1,
      goes: ['chat/chat-decode-cc', 'chat/chat-decode-bb'],
      writes: ['RoleInstance chat-decode-cc -1000', 'RoleInstance chat-decode-bb -1000'],
    },
  ],
};

const byLws: AdapterStory = {
  ...groupStory,
  around: [objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat-decode', { owner: group() })],
  roleMembers: {},
  scales: [
    {
      name: 'RBG RoleBasedGroup points at another kind that carries out a role',
      role: 'decode',
      to: 1,
      warnings: [/^role decode of chat is carried out by LeaderWorkerSet\/llm\/chat-decode/],
    },
  ],
};

const groupSet = (replicas: unknown, image = 'server:1') =>
  objectOf(API, 'RoleBasedGroupSet', 'fleet', {
    spec: { replicas, groupTemplate: { spec: { roles: roles(3, image) } } },
  });
const numbered = (index: number) => {
  const owned = group(`fleet-${index}`, 'server:1', { owner: groupSet(2) });
  const decode = instanceSet(1, 'Stateful', owned);
  return [owned, decode, ...instance(decode, `fleet-${index}-decode-0`)];
};
const groupSetStory: AdapterStory = {
  ...groupStory,
  adapter: roleBasedGroupSet,
  object: groupSet,
  otherTemplate: (replicas) => groupSet(replicas, 'server:2'),
  otherStrategy: (replicas) =>
    objectOf(API, 'RoleBasedGroupSet', 'fleet', {
      spec: { replicas, groupTemplate: { spec: { roles: scaledRoles } } },
    }),
  replicas: 2,
  counted: true,
  defaults: { object: { spec: { template: { roles: [{ name: 'prefill' }] } } }, replicas: 1, roles: { prefill: 1 } },
  // One group of two pods, one of one pod, and something else that the set owns.
  around: [
    ...numbered(0),
    ...numbered(1).slice(0, -1),
    objectOf('apps/v1', 'Deployment', 'fleet-2', { owner: groupSet(2) }),
  ],
  members: ['fleet-0: fleet-0-decode-0-0 fleet-0-decode-0-1', 'fleet-1: fleet-1-decode-0-0'],
  roleMembers: {
    decode: [`fleet-0/${member('fleet-0-decode-0')}`, 'fleet-1/fleet-1-decode-0: fleet-1-decode-0-0'],
  },
  scales: [
    {
      name: 'RBG RoleBasedGroupSet loses its highest index',
      to: 1,
      goes: ['fleet-1'],
      notes: [/^RoleBasedGroupSet\/llm\/fleet is not steered/],
    },
    { name: 'RBG RoleBasedGroupSet gets its lowest missing indexes', to: 4, created: ['fleet-2', 'fleet-3'] },
  ],
};

const scaler: AdapterStory = {
  adapter: roleBasedGroupScalingAdapter,
  object: (replicas) =>
    objectOf(API, 'RoleBasedGroupScalingAdapter', 'chat-decode', {
      owner: group(),
      isController: false,
      spec: { replicas, scaleTargetRef: { name: 'chat', role: 'decode' } },
    }),
  replicas: 3,
  reads: {
    target: { group: 'workloads.x-k8s.io', kind: 'RoleBasedGroup', namespace: 'llm', name: 'chat', role: 'decode' },
  },
  defaults: { object: { spec: {} }, replicas: 0 },
  around: [group(), set, ...three],
  owner: 'RoleBasedGroup/chat',
  members: ['aa', 'bb', 'cc'].map((name) => `chat/${member(`chat-decode-${name}`)}`),
  scales: [
    {
      name: 'RBG RoleBasedGroupScalingAdapter shows what its role will lose',
      to: 2,
      goes: ['chat/chat-decode-cc'],
      writes: ['RoleInstance chat-decode-cc -1000'],
    },
  ],
};

export const stories: readonly AdapterStory[] = [
  stateless,
  ofOneAge,
  costs,
  unready,
  fresh,
  told,
  listed,
  rolling,
  held,
  unsaid,
  toldWhileHeld,
  stateful,
  ...surgingStories,
  groupStory,
  byLws,
  groupSetStory,
  scaler,
];
