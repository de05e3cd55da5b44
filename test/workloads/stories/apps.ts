import { deployment } from '../../../src/workloads/apps/deployment.ts';
import { replicaSetAdapter } from '../../../src/workloads/apps/replica-set.ts';
import { statefulSetAdapter } from '../../../src/workloads/apps/stateful-set.ts';
import { objectOf, podObject } from '../../builders/objects.ts';
import type { AdapterStory } from '../adapter-contract.ts';

const spec = (replicas: unknown, image: string) => ({ replicas, template: { spec: { containers: [{ image }] } } });
const web = (replicas: unknown, image = 'server:1') =>
  objectOf('apps/v1', 'Deployment', 'web', { spec: spec(replicas, image) });
const set = (replicas: unknown, image = 'server:1') =>
  objectOf('apps/v1', 'ReplicaSet', 'web-1', { owner: web(3), spec: spec(replicas, image) });
const pods = [
  podObject('web-1-a', { owner: set(3), age: 90 }),
  podObject('web-1-b', { owner: set(3), age: 60, node: 'n2' }),
  podObject('web-1-c', { owner: set(3), age: 30, ready: false, node: 'n3' }),
];
const members = ['web-1-a: web-1-a', 'web-1-b: web-1-b', 'web-1-c: web-1-c, not ready'];

const replicaSetStory: AdapterStory = {
  adapter: replicaSetAdapter,
  object: set,
  otherTemplate: (replicas) => set(replicas, 'server:2'),
  replicas: 3,
  reads: { gangMinimum: null, partition: null, firstOrdinal: 0 },
  defaults: { object: { spec: {} }, replicas: 1 },
  around: pods,
  owner: 'Deployment/web',
  members,
  scales: [
    {
      name: 'ReplicaSet loses what is not ready before any cost',
      to: 2,
      goes: ['web-1-c'],
      writes: ['Pod web-1-c -1000'],
    },
    {
      name: 'ReplicaSet is steered by a cost per pod',
      to: 1,
      goes: ['web-1-c', 'web-1-b'],
      writes: ['Pod web-1-b -1000', 'Pod web-1-c -1000'],
    },
  ],
};

const { owner: _owner, ...unowned } = replicaSetStory;
const deploymentStory: AdapterStory = {
  ...unowned,
  adapter: deployment,
  object: web,
  otherTemplate: (replicas) => web(replicas, 'server:2'),
  around: [set(3), ...pods],
  scales: [
    {
      name: 'Deployment shows what its ReplicaSet will delete',
      to: 1,
      goes: ['web-1-c', 'web-1-b'],
      writes: ['Pod web-1-b -1000', 'Pod web-1-c -1000'],
    },
  ],
};

const database = (replicas: unknown, image = 'server:1') =>
  objectOf('apps/v1', 'StatefulSet', 'db', { spec: { ...spec(replicas, image), ordinals: { start: 1 } } });
const statefulSetStory: AdapterStory = {
  ...unowned,
  adapter: statefulSetAdapter,
  object: database,
  otherTemplate: (replicas) => database(replicas, 'server:2'),
  replicas: 2,
  reads: { firstOrdinal: 1 },
  around: [1, 2].map((ordinal) => podObject(`db-${ordinal}`, { owner: database(2) })),
  members: ['db-1: db-1', 'db-2: db-2'],
  scales: [
    {
      name: 'StatefulSet loses its highest ordinal',
      to: 1,
      goes: ['db-2'],
      notes: [
        /^StatefulSet\/llm\/db is not steered: its controller reads no costs and takes the highest ordinal first$/,
      ],
    },
    { name: 'StatefulSet gets its lowest missing ordinals', to: 4, created: ['db-3', 'db-4'] },
  ],
};

export const stories: readonly AdapterStory[] = [replicaSetStory, deploymentStory, statefulSetStory];
