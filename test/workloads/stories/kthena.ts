import { modelServing } from '../../../src/workloads/kthena/model-serving.ts';
import { objectOf, podObject } from '../../builders/objects.ts';
import type { AdapterStory } from '../adapter-contract.ts';

const serving = (replicas: unknown, image = 'server:1') =>
  objectOf('workload.serving.volcano.sh/v1alpha1', 'ModelServing', 'chat', {
    spec: {
      replicas,
      rolloutStrategy: { rollingUpdateConfiguration: { partition: '0%' } },
      template: {
        gangPolicy: { minRoleReplicas: { decode: 1 } },
        roles: [
          { name: 'prefill', replicas: 1, workerReplicas: 0, entryTemplate: { image } },
          { name: 'decode', replicas: 2, workerReplicas: 1 },
        ],
      },
    },
  });
const pod = (group: number, role: string, replica: number, worker: number, ready = true, cost?: string) =>
  podObject(`chat-${group}-${role}-${replica}-${worker}`, {
    owner: serving(3),
    ready,
    annotations:
      cost === undefined ? {} : { 'controller.kubernetes.io/pod-deletion-cost': cost, 'packdown.io/cost-owner': cost },
    labels: {
      'modelserving.volcano.sh/name': 'chat',
      'modelserving.volcano.sh/group-name': `chat-${group}`,
      'modelserving.volcano.sh/role': role,
      'modelserving.volcano.sh/role-id': `${role}-${replica}`,
      ...(worker === 0 && { 'modelserving.volcano.sh/entry': 'true' }),
    },
  });
const group = (index: number, ready = true) => [
  pod(index, 'prefill', 0, 0, true, index === 1 ? '50' : undefined),
  ...[0, 1].flatMap((replica) => [pod(index, 'decode', replica, 0), pod(index, 'decode', replica, 1, ready)]),
];
const decode = (index: number, replica: number) =>
  `chat-${index}/decode-${replica}: chat-${index}-decode-${replica}-0 chat-${index}-decode-${replica}-1`;
const pods = (index: number) =>
  `${[0, 1].flatMap((replica) => [0, 1].map((worker) => `chat-${index}-decode-${replica}-${worker}`)).join(' ')} chat-${index}-prefill-0-0`;

export const stories: readonly AdapterStory[] = [
  {
    adapter: modelServing,
    object: serving,
    otherTemplate: (replicas) => serving(replicas, 'server:2'),
    replicas: 3,
    reads: { partition: { kind: 'percent', value: 0 }, gangMinimum: null },
    roles: [{ name: 'prefill' }, { name: 'decode', replicas: 2, workers: 1, gangMinimum: 1 }],
    defaults: { object: { spec: { template: { roles: [{ name: 'decode' }] } } }, replicas: 1, roles: { decode: 1 } },
    around: [...group(0), ...group(1), ...group(2, false)],
    members: [`chat-0: ${pods(0)}`, `chat-1: ${pods(1)}`, `chat-2: ${pods(2)}, not ready`],
    roleMembers: {
      decode: [
        decode(0, 0),
        decode(0, 1),
        decode(1, 0),
        decode(1, 1),
        `${decode(2, 0)}, not ready`,
        `${decode(2, 1)}, not ready`,
      ],
    },
    scales: [
      {
        name: 'Kthena ModelServing loses what is not ready before any cost, and its costs say so too',
        to: 2,
        goes: ['chat-2'],
        writes: ['Pod chat-0-prefill-0-0 17', 'Pod chat-2-prefill-0-0 0'],
      },
      {
        name: 'Kthena ModelServing is steered by costs summed over a group',
        to: 1,
        goes: ['chat-2', 'chat-1'],
        writes: ['Pod chat-0-prefill-0-0 17', 'Pod chat-2-prefill-0-0 0', 'Pod chat-1-prefill-0-0 0'],
      },
      { name: 'Kthena ModelServing gets its lowest missing groups', to: 5, created: ['chat-3', 'chat-4'] },
    ],
  },
];
