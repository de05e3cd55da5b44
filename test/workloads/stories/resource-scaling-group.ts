import {
  publishedScalingGroup,
  resourceScalingGroup,
} from '../../../src/workloads/resource-scaling-group/resource-scaling-group.ts';
import { type ObjectFields, objectOf, podObject } from '../../builders/objects.ts';
import type { AdapterStory } from '../adapter-contract.ts';

const targets = [
  { name: 'prefill', kind: 'deployment', version: 'apps/v1', namespace: 'llm' },
  { name: 'decode', kind: 'STATEFULSET' },
  { name: 'cache', kind: 'CloneSet', version: 'apps.kruise.io/v1alpha1', namespace: 'llm' },
  { name: 'elsewhere', kind: 'Deployment', namespace: 'batch' },
];
const proposed = (replicas: unknown, list?: readonly string[]) =>
  objectOf('resourcescalinggroup.com/v1', 'ResourceScalingGroup', 'pair', {
    spec: {
      replicas,
      ...(list && { scalingGroupTask: { sortedGroupList: list } }),
      group: { groupID: 'group0', targetResources: targets },
    },
  });

/** A Deployment with one ReplicaSet and pod, and a StatefulSet with one pod: the user's own or a copy. */
export const pair = (suffix: string, fields: Pick<ObjectFields, 'owner' | 'labels'> = {}, node = 'n1') => {
  const prefill = objectOf('apps/v1', 'Deployment', `prefill${suffix}`, { ...fields, spec: { replicas: 1 } });
  const replicas = objectOf('apps/v1', 'ReplicaSet', `prefill${suffix}-1`, { owner: prefill, spec: { replicas: 1 } });
  const decode = objectOf('apps/v1', 'StatefulSet', `decode${suffix}`, { ...fields, spec: { replicas: 1 } });
  const pods = [
    podObject(`prefill${suffix}-1-a`, { owner: replicas, node }),
    podObject(`decode${suffix}-0`, { owner: decode, node }),
  ];
  return [prefill, replicas, decode, ...pods];
};
const copy = (group: number, owner = proposed(3)) =>
  pair(`-${group}`, { owner, labels: { 'resourcescalinggroup.com/group': `${group}` } });
const members = [
  { group: 'apps', kind: 'Deployment', namespace: 'llm', name: 'prefill', perLeader: null },
  { group: 'apps', kind: 'StatefulSet', namespace: 'llm', name: 'decode', perLeader: null },
  // The fleet does not show it; of a kind that packdown does not know, not even this much is read.
  { group: 'apps', kind: 'Deployment', namespace: 'batch', name: 'elsewhere', perLeader: null },
];
const memberOf = (group: number) => `group${group}: decode-${group}-0 prefill-${group}-1-a`;

const byList: AdapterStory = {
  adapter: resourceScalingGroup,
  object: (replicas) => proposed(replicas, ['group1', 'group2', 'group0']),
  replicas: 3,
  reads: { members, goesFirst: ['group1', 'group2', 'group0'] },
  defaults: { object: { spec: {} }, replicas: 1 },
  around: [...pair(''), ...copy(1), ...copy(2)],
  members: [memberOf(1), memberOf(2), 'group0: decode-0 prefill-1-a'],
  scales: [
    {
      name: 'ResourceScalingGroup loses what its sortedGroupList names first',
      to: 1,
      goes: ['group1', 'group2'],
      notes: [/^ResourceScalingGroup\/llm\/pair is not steered: .* takes what its list names first$/],
    },
  ],
};

/** As after a scale-down that the list was for. */
const listedInPart: AdapterStory = {
  ...byList,
  object: (replicas) => proposed(replicas, ['group3', 'group2']),
  reads: { members, goesFirst: ['group3', 'group2'] },
  members: [memberOf(2), memberOf(1), 'group0: decode-0 prefill-1-a'],
  scales: [
    {
      name: 'ResourceScalingGroup loses what its sortedGroupList names and there is',
      to: 2,
      goes: ['group2'],
      notes: [/is not steered/],
    },
    {
      name: 'ResourceScalingGroup that loses more than its sortedGroupList names is explained, and nothing foretold',
      to: 1,
      warnings: [/loses more groups than its sortedGroupList names of those that there are: its controller chooses/],
    },
  ],
};

const unlisted: AdapterStory = {
  ...byList,
  object: (replicas) => proposed(replicas),
  reads: { members, goesFirst: [] },
  // Its own resources are told by its targets, labelled or not.
  around: [
    ...pair('', { owner: proposed(3), labels: { 'resourcescalinggroup.com/group': '0' } }),
    ...copy(1),
    ...copy(2),
  ],
  members: [memberOf(2), memberOf(1), 'group0: decode-0 prefill-1-a'],
  scales: [
    {
      name: 'ResourceScalingGroup without a list is explained, and nothing foretold: through /scale nobody can fill it in',
      to: 2,
      warnings: [/has no sortedGroupList, so its controller chooses/],
    },
    {
      name: 'ResourceScalingGroup without a list loses all when it goes to none',
      to: 0,
      goes: ['group2', 'group1', 'group0'],
      notes: [/is not steered/],
    },
    { name: 'ResourceScalingGroup gets its next groups', to: 5, created: ['pair/group3', 'pair/group4'] },
  ],
};

const published = (spec: object) =>
  objectOf('autoscaling.openfuyao.com/v1alpha1', 'ResourceScalingGroup', 'pair', { spec });
const replicated = (replicas: unknown) =>
  published({ targetResources: targets, scalingStrategy: { type: 'GroupReplication', groupConfig: { replicas } } });

const replication: AdapterStory = {
  ...unlisted,
  adapter: publishedScalingGroup,
  object: replicated,
  around: [...pair(''), ...copy(1, replicated(3)), ...copy(2, replicated(3))],
  scales: [
    {
      name: 'ResourceScalingGroup as published is explained, and nothing foretold: its own metric chooses a group',
      to: 2,
      warnings: [/has no list of groups: its controller chooses by its own metric$/],
    },
  ],
};

const inPlace: AdapterStory = {
  ...replication,
  object: (replicas) =>
    published({
      targetResources: targets,
      scalingStrategy: {
        type: 'InplaceScaling',
        leaderFollowerConfig: {
          leader: { name: 'prefill', replicas },
          follower: [{ name: 'decode', followRatio: '2.5' }],
        },
      },
    }),
  replicas: 2,
  reads: {
    members: [
      { group: 'apps', kind: 'Deployment', namespace: 'llm', name: 'prefill', perLeader: 1 },
      { group: 'apps', kind: 'StatefulSet', namespace: 'llm', name: 'decode', perLeader: 2.5 },
    ],
  },
  around: pair(''),
  members: [],
  scales: [
    {
      name: 'ResourceScalingGroup that scales in place leaves the choice to its members',
      to: 1,
      warnings: [/^its members are resized by its controller/],
    },
    { name: 'ResourceScalingGroup that scales in place grows without a word', to: 3 },
  ],
};

export const stories: readonly AdapterStory[] = [byList, listedInPart, unlisted, replication, inPlace];
