import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { POLICY } from '../../../src/domain/fleet/annotations.ts';
import type { Node } from '../../../src/domain/fleet/node.ts';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import { choose } from '../../../src/domain/planner/choose.ts';
import { openPlan } from '../../../src/domain/victims/plan.ts';
import type { Policy } from '../../../src/domain/victims/policies.ts';
import type { Prospect } from '../../../src/domain/victims/prospect.ts';
import { modelServing } from '../../../src/workloads/kthena/model-serving.ts';
import type { NodeWeight } from '../../../src/workloads/node-worth.ts';
import { selectionOptions } from '../../../src/workloads/scaling.ts';
import {
  appsPod,
  BINPACK,
  fleetOf,
  marked,
  NOW,
  nodeOf,
  ours,
  planOf,
  podOf,
  scaleTo,
  servingGroup,
  theirs,
} from '../../builders/fleet.ts';
import { deployment, serving } from '../../builders/workload.ts';

interface PolicyCase {
  readonly name: string;
  readonly policy?: Policy;
  /** Node by node of the groups' single pods, by ordinal: `n1 n2 n2`. */
  readonly groups: string;
  readonly others?: readonly Pod[];
  readonly nodes?: readonly Node[];
  readonly weights?: readonly NodeWeight[];
  readonly to: number;
  readonly goes: readonly number[];
  readonly frees: readonly string[];
}

const daemon = (node: string) =>
  podOf(`daemon-${node}`, {
    node,
    controller: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'daemon', uid: 'uid-of-daemon' },
  });
const other = (node: string, rest: Partial<Pod> = {}) => podOf(`other-${node}`, { node, ...rest });
const llama = serving(0, { prefill: 1 });
const chat = serving(2, { prefill: 1 }, { name: 'chat', uid: 'uid-of-chat' });

const CASES: readonly PolicyCase[] = [
  {
    name: 'ordinal takes the highest ordinals',
    policy: 'ordinal',
    groups: 'n1 n2 n2',
    to: 1,
    goes: [1, 2],
    frees: ['n2'],
  },
  {
    name: 'binpack takes the lowest score: the pod on the emptiest node',
    policy: 'binpack',
    groups: 'n1 n2 n2',
    to: 2,
    goes: [0],
    frees: ['n1'],
  },
  {
    name: 'binpack breaks ties by the higher ordinal',
    policy: 'binpack',
    groups: 'n1 n1 n2 n2',
    to: 3,
    goes: [3],
    frees: [],
  },
  {
    name: 'binpack counts what else is on the node',
    policy: 'binpack',
    groups: 'n1 n2 n2',
    others: [other('n1'), podOf('another', { node: 'n1' })],
    to: 2,
    goes: [2],
    frees: [],
  },
  { name: 'consolidate frees a whole node', groups: 'n1 n1 n2 n2 n2', to: 3, goes: [0, 1], frees: ['n1'] },
  {
    name: 'a pod that nobody scales down blocks its node',
    groups: 'n1 n1 n2 n2',
    others: [other('n2')],
    to: 2,
    goes: [0, 1],
    frees: ['n1'],
  },
  {
    name: 'DaemonSet, static and finished pods block nothing',
    groups: 'n1 n1 n2 n2 n2',
    others: [daemon('n1'), other('n1', { mirror: true }), podOf('done', { node: 'n1', phase: 'Succeeded' })],
    to: 3,
    goes: [0, 1],
    frees: ['n1'],
  },
  {
    name: 'a pod on its way out blocks nothing',
    groups: 'n1 n1 n2 n2 n2',
    others: [other('n1', { deleting: true })],
    to: 3,
    goes: [0, 1],
    frees: ['n1'],
  },
  {
    name: 'a pod that another scale-down takes is as good as gone',
    groups: 'n1 n1 n2 n2',
    others: [
      ...servingGroup(chat, 1, () => ({ node: 'n1', ...marked(0, 'chat-1') })),
      ...servingGroup(chat, 0, () => ({ node: 'n2' })),
    ],
    to: 2,
    goes: [0, 1],
    frees: ['n1'],
  },
  {
    name: 'a mark whose cost somebody else has changed since does block',
    groups: 'n1 n1 n2 n2 n2',
    others: servingGroup(chat, 1, () => ({ node: 'n1', ...marked(0, 'chat-1'), ...theirs(7) })),
    to: 2,
    goes: [2, 3, 4],
    frees: ['n2'],
  },
  {
    name: 'the node with more GPUs is freed first',
    groups: 'n1 n2',
    nodes: [nodeOf('n2', { allocatable: new Map([['nvidia.com/gpu', 4_000_000_000n]]) })],
    to: 1,
    goes: [0],
    frees: ['n1'],
  },
  {
    name: 'hardware that is no longer wanted is freed first',
    groups: 'n1 n2',
    nodes: [nodeOf('n1', { labels: { generation: 'old' } })],
    weights: [{ selector: { generation: 'old' }, weight: 100 }],
    to: 1,
    goes: [0],
    frees: ['n1'],
  },
  {
    name: 'a node of weight 0 is not worth freeing',
    groups: 'n1 n2 n3 n3',
    nodes: [nodeOf('n2', { labels: { warm: 'true' } })],
    weights: [{ selector: { warm: 'true' }, weight: 0 }],
    to: 3,
    goes: [0],
    frees: ['n1'],
  },
];

describe('policies', () => {
  for (const { name, policy, groups, others = [], nodes = [], weights = [], to, goes, frees } of CASES) {
    test(name, () => {
      const places = groups.split(' ');
      const workload = { ...llama, replicas: places.length };
      const pods = places.flatMap((node, group) => servingGroup(workload, group, () => ({ node, ...ours(50) })));
      const plan = planOf(scaleTo(workload, to), fleetOf([...pods, ...others], [workload, chat], nodes), policy, {
        nodeWeights: weights,
      });
      assert.deepEqual(plan.victims.map(({ candidate }) => candidate.ordinal).sort(), goes);
      assert.deepEqual(
        plan.nodesFreed.map(({ name }) => name),
        frees,
      );
    });
  }

  test('a workload may name its own policy', () => {
    const workload = { ...llama, replicas: 3, annotations: { [POLICY]: 'ordinal' } };
    const pods = ['n1', 'n2', 'n2'].flatMap((node, group) => servingGroup(workload, group, () => ({ node })));
    const plan = planOf(scaleTo(workload, 2), fleetOf(pods, [workload]), 'binpack');
    assert.deepEqual(
      plan.victims.map(({ candidate }) => candidate.name),
      ['llama-2'],
    );
  });

  for (const policy of ['ordinal', 'binpack'] as const) {
    test(`under ${policy} the highest of equals goes, whatever they cost by now`, () => {
      const workload = { ...llama, replicas: 4 };
      const pods = [20, 30, 40, 10].flatMap((cost, group) =>
        servingGroup(workload, group, () => ({ node: group === 3 ? 'n2' : 'n1', ...ours(cost) })),
      );
      const beside = [podOf('one', { node: 'n2' }), podOf('two', { node: 'n2' })];
      const plan = planOf(scaleTo(workload, 2), fleetOf([...pods, ...beside], [workload]), policy);
      assert.deepEqual(
        plan.victims.map(({ candidate }) => candidate.name),
        ['llama-3', 'llama-2'],
      );
    });
  }

  test('the least worth keeping goes where nodes do not decide', () => {
    const workload = { ...llama, replicas: 4 };
    const pods = [5, -3, 0, 0].flatMap((keep, group) => servingGroup(workload, group, () => ({ node: 'n1', keep })));
    const plan = planOf(scaleTo(workload, 3), fleetOf(pods, [workload]));
    assert.deepEqual(
      plan.victims.map(({ candidate }) => candidate.name),
      ['llama-1'],
    );
  });

  test('two workloads that shrink together free the node that they share', () => {
    const web = deployment(2, { kind: 'ReplicaSet' });
    const workload = { ...llama, replicas: 2 };
    const pods = [
      ...servingGroup(workload, 0, () => ({ node: 'n1' })),
      ...servingGroup(workload, 1, () => ({ node: 'n2' })),
      appsPod(web, 'a', { node: 'n1' }),
      appsPod(web, 'b', { node: 'n3' }),
      other('n2'),
      other('n3'),
    ];
    const plan = planOf([scaleTo(workload, 1), scaleTo(web, 1)], fleetOf(pods, [workload, web]));
    assert.deepEqual(
      plan.victims.map(({ candidate }) => candidate.name),
      ['llama-0', 'web-a'],
    );
    assert.deepEqual(
      plan.nodesFreed.map(({ name }) => name),
      ['n1'],
    );
  });

  test('a role that shrinks in every group is one choice a group, made together', () => {
    const workload = serving(2, { prefill: 1, decode: 2 });
    const nodeOfReplica = (group: number, replica: number) => (group === replica ? 'n1' : `own-${group}-${replica}`);
    const pods = [0, 1].flatMap((group) =>
      servingGroup(workload, group, ({ role, replica }) => ({
        node: role === 'prefill' ? 'n9' : nodeOfReplica(group, replica),
      })),
    );
    const blockers = ['own-0-1', 'own-1-0'].map((node) => other(node));
    const plan = planOf(scaleTo(workload, 1, 'decode'), fleetOf([...pods, ...blockers], [workload]));
    assert.deepEqual(
      plan.victims.map(({ candidate: { group, name } }) => `${group}/${name}`),
      ['llama-0/decode-0', 'llama-1/decode-1'],
    );
    assert.deepEqual(
      plan.nodesFreed.map(({ name }) => name),
      ['n1'],
    );
  });
});

describe('the target set', () => {
  const onThreeNodes = [0, 1, 2].flatMap((group) => servingGroup(llama, group, () => ({ node: `n${group}` })));
  const frees = (...targetSet: readonly string[]) => {
    const plan = planOf(scaleTo({ ...llama, replicas: 3 }, 2), fleetOf(onThreeNodes, [llama]), 'consolidate', {
      targetSet,
    });
    return plan.nodesFreed.map(({ name }) => name);
  };

  test('decides among nodes that are worth the same, the most wanted first', () => {
    assert.deepEqual(frees(), ['n2']);
    assert.deepEqual(frees('n0'), ['n0']);
    assert.deepEqual(frees('n1', 'n0'), ['n1']);
  });

  test('may name nodes that are not there', () => {
    assert.deepEqual(frees('gone', 'n1'), ['n1']);
  });

  test('is approached from its first quarter on, then its first half, where nothing becomes free yet', () => {
    const nodes = [0, 1, 2, 3, 4, 5, 6, 7];
    const own = nodes.flatMap((group) => servingGroup(llama, group, () => ({ node: `n${group}` })));
    // Beside every group is a pod that its own workload will give up later.
    const others = nodes.map((node) => podOf(`other-${node}`, { node: `n${node}` }));
    const prospect: Prospect = {
      outlookOf: () => 8,
      leavesWith: ({ name }) => (name.startsWith('other') ? { pool: 'other', unit: name, outlook: 8 } : null),
    };
    const gone = (to: number) => {
      const targetSet = ['n5', 'n2', 'n7', 'n3', 'n0', 'n1', 'n4', 'n6'];
      const fleet = fleetOf([...own, ...others], [llama]);
      const { pools } = modelServing.scale(scaleTo({ ...llama, replicas: 8 }, to), fleet, NOW);
      const options = selectionOptions(fleet, { policy: 'consolidate', binpack: BINPACK, nodeWeights: [], targetSet });
      const open = openPlan(pools, fleet, { ...options, prospect });
      const { victims } = open.complete(choose(open.problem));
      return victims.map(({ candidate }) => candidate.ordinal).toSorted();
    };
    assert.deepEqual(gone(6), [2, 5]);
    assert.deepEqual(gone(4), [2, 3, 5, 7]);
  });

  test('never stands in the way of a plan that frees more', () => {
    const other = podOf('other', { node: 'n0' });
    const plan = planOf(
      scaleTo({ ...llama, replicas: 3 }, 2),
      fleetOf([...onThreeNodes, other], [llama]),
      'consolidate',
      {
        targetSet: ['n0'],
      },
    );
    assert.deepEqual(
      plan.nodesFreed.map(({ name }) => name),
      ['n2'],
    );
  });
});
