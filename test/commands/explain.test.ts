import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { objectOf, podObject } from '../builders/objects.ts';
import { EXAMPLE_FLEET, run, temporaryFile } from './run-in-process.ts';

const explain = (...names: readonly string[]) => run(['explain', '--fleet', EXAMPLE_FLEET, ...names]);

async function text(name: string): Promise<string> {
  const { code, stdout, stderr } = await explain(name);
  assert.deepEqual([code, stderr], [0, []]);
  return stdout.join('\n');
}

describe('explain of a pod', () => {
  it('says what it costs, who reads that, and how the score of its node comes about', async () => {
    const expected = [
      'Pod llm/chat-0-decode-1-0 on gpu-2',
      '  cost: 58, written by packdown',
      '  read by: ModelServing/llm/chat',
      '  binpack score of its node, the pod included: 81',
      '    cpu: 42.1 of 64 used, 6 by this pod, weight 1',
      '    memory: 360844361728 of 549755813888 used, 51539607552 by this pod, weight 1',
      '    nvidia.com/gpu: 7 of 8 used, 1 by this pod, weight 5',
    ].join('\n');
    assert.equal(await text('llm/chat-0-decode-1-0'), expected);
    assert.equal(await text('Pod/llm/chat-0-decode-1-0'), expected);
  });

  it('says when nobody reads its cost', async () => {
    assert.match(await text('llm/vector-db-0'), /\n {2}its controller reads no costs: packdown writes none\n/);
  });

  it('says whose a cost is, when a pod is to go, and when it has no node', async (t) => {
    const pod = (name: string, annotations: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'ns', annotations },
    });
    const cost = 'controller.kubernetes.io/pod-deletion-cost';
    const items = [
      pod('plain', {}),
      pod('foreign', { [cost]: '7' }),
      pod('going', {
        [cost]: '0',
        'packdown.io/cost-owner': '0',
        'packdown.io/victim': 'ms-1@2026-06-01T00:00:00.000Z',
      }),
    ];
    const fleet = await temporaryFile(t, 'fleet.json', { kind: 'List', apiVersion: 'v1', items });
    const costOf = async (name: string) =>
      (await run(['explain', '--fleet', fleet, `ns/${name}`])).stdout.join('\n').split('\n')[1];
    assert.equal(await costOf('plain'), '  cost: none');
    assert.equal(await costOf('foreign'), '  cost: 7, written by somebody else: packdown leaves it alone');
    assert.match(
      (await costOf('going')) ?? '',
      /^ {2}cost: 0, written by packdown, marked to go .*2026-06-01T00:00:00\.000Z/,
    );
    assert.match(
      (await run(['explain', '--fleet', fleet, 'ns/plain'])).stdout.join('\n'),
      /^Pod ns\/plain on no node yet\n/,
    );
  });
});

describe('explain of a workload', () => {
  it('lists groups and role replicas in the order in which they would go', async () => {
    const lines = (await text('ModelServing/llm/chat')).split('\n');
    assert.equal(lines[0], 'ModelServing/llm/chat: 4 replicas; first in each list goes first');
    assert.equal(
      lines[1],
      'Not expected to shrink below 4: a guess; say it better with the annotation packdown.io/floor',
    );
    const titles = lines.filter((line) => line.endsWith(':'));
    assert.deepEqual(titles, [
      'Replicas (not ready first, then the lowest cost):',
      ...[0, 1, 2, 3].map((group) => `Role decode in chat-${group} (not ready first, then the lowest cost):`),
    ]);
    assert.deepEqual(
      lines.slice(3, 7).map((line) => line.split('  ')[1]),
      ['chat-3', 'chat-2', 'chat-0', 'chat-1'],
    );
  });

  it('says of each replica what it costs and who wrote that', async (t) => {
    const { group, cost, owner } = {
      group: 'apps/v1',
      cost: 'controller.kubernetes.io/pod-deletion-cost',
      owner: 'packdown.io/cost-owner',
    };
    const replica = (name: string, annotations: object) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'ns',
        annotations,
        ownerReferences: [{ apiVersion: group, kind: 'ReplicaSet', name: 'web', controller: true }],
      },
      spec: { nodeName: 'n1' },
    });
    const items = [
      { apiVersion: group, kind: 'ReplicaSet', metadata: { name: 'web', namespace: 'ns' }, spec: { replicas: 3 } },
      replica('ours', { [cost]: '3', [owner]: '3' }),
      replica('theirs', { [cost]: '9', [owner]: '3' }),
      replica('plain', {}),
    ];
    const fleet = await temporaryFile(t, 'fleet.json', { kind: 'List', apiVersion: 'v1', items });
    const { stdout } = await run(['explain', '--fleet', fleet, 'ReplicaSet/ns/web']);
    const costs = stdout.join('\n').match(/(?<=^ {2})\S+ {2}[^,]*cost[^,]*/gm);
    assert.deepEqual(costs, ['plain  no cost', 'ours  cost 3 by packdown', 'theirs  cost 9 by somebody else']);
  });

  it('says of a PodCliqueSet in which of its replicas a role is', async (t) => {
    const API = 'grove.io/v1alpha1';
    const template = {
      cliques: [{ name: 'router' }, { name: 'decode' }],
      podCliqueScalingGroups: [{ name: 'pd', cliqueNames: ['decode'] }],
    };
    const set = objectOf(API, 'PodCliqueSet', 'chat', { spec: { replicas: 1, template } });
    const router = objectOf(API, 'PodClique', 'chat-0-router', { owner: set });
    const group = objectOf(API, 'PodCliqueScalingGroup', 'chat-0-pd', { owner: set, spec: { replicas: 2 } });
    const decodes = [0, 1].flatMap((replica) => {
      const decode = objectOf(API, 'PodClique', `chat-0-pd-${replica}-decode`, { owner: group });
      return [decode, podObject(`${decode.metadata.name}-a`, { owner: decode })];
    });
    const routers = ['a', 'b'].map((name) => podObject(`chat-0-router-${name}`, { owner: router }));
    const items = [set, router, group, ...decodes, ...routers];
    const fleet = await temporaryFile(t, 'fleet.json', { kind: 'List', apiVersion: 'v1', items });
    const { stdout } = await run(['explain', '--fleet', fleet, 'PodCliqueSet/llm/chat']);
    const titles = stdout
      .join('\n')
      .split('\n')
      .filter((line) => line.endsWith(':'));
    assert.deepEqual(
      titles.map((title) => title.split(' (')[0]),
      ['Role router in chat-0', 'Role pd in chat-0'],
    );
  });

  it('says of a StatefulSet that its order is not ours', async () => {
    const lines = (await text('statefulset/llm/vector-db')).split('\n');
    assert.equal(lines[1], 'Replicas (the highest ordinal; its controller reads no costs):');
    assert.deepEqual(
      lines.slice(2).map((line) => line.split('  ')[1]),
      ['vector-db-2', 'vector-db-1', 'vector-db-0'],
    );
  });
});

describe('explain of a workload with a HorizontalPodAutoscaler', () => {
  it('says what it keeps the replicas within', async (t) => {
    const metadata = { name: 'web', namespace: 'ns' };
    const items = [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 3 } },
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          minReplicas: 2,
          maxReplicas: 9,
        },
      },
    ];
    const fleet = await temporaryFile(t, 'fleet.json', { kind: 'List', apiVersion: 'v1', items });
    const { stdout } = await run(['explain', '--fleet', fleet, 'Deployment/ns/web']);
    assert.deepEqual(stdout.join('\n').split('\n'), [
      'Deployment/ns/web: 3 replicas; first in each list goes first',
      'Its HorizontalPodAutoscaler keeps 2 to 9 replicas',
    ]);
  });
});

describe('explain of a workload that Kthena scales', () => {
  for (const kind of ['AutoscalingPolicy', 'AutoscalingPolicyBinding'])
    it(`says what its ${kind} keeps the groups within, and that it will shrink to the minimum`, async (t) => {
      const apiVersion = 'workload.serving.volcano.sh/v1alpha1';
      const roles = [{ name: 'decode', replicas: 1, workerReplicas: 0 }];
      const spec = { replicas: 4, template: { roles } };
      const serving = { apiVersion, kind: 'ModelServing', metadata: { name: 'chat', uid: 'u' }, spec };
      const pods = [0, 1, 2, 3].map((group) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `chat-${group}-decode-0-0`,
          labels: {
            'modelserving.volcano.sh/name': 'chat',
            'modelserving.volcano.sh/group-name': `chat-${group}`,
            'modelserving.volcano.sh/role': 'decode',
            'modelserving.volcano.sh/role-id': 'decode-0',
          },
        },
      }));
      const homogeneousTarget = { target: { targetRef: { name: 'chat' } }, minReplicas: 2, maxReplicas: 6 };
      const policy = { apiVersion, kind, metadata: { name: 'chat' }, spec: { homogeneousTarget } };
      const fleet = await temporaryFile(t, 'fleet.json', {
        kind: 'List',
        apiVersion: 'v1',
        items: [serving, ...pods, policy],
      });
      const { stdout } = await run(['explain', '--fleet', fleet, 'ModelServing/default/chat']);
      assert.deepEqual(stdout.join('\n').split('\n').slice(1, 3), [
        `Its ${kind} keeps 2 to 6 replicas`,
        'Expected to shrink to 2: as low as its autoscaler goes',
      ]);
    });
});

describe('explain of a workload that is steered', () => {
  const annotations = { 'packdown.io/floor': '1' };
  const autoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'ns' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web' },
      minReplicas: 2,
      maxReplicas: 9,
    },
  };
  const behavior = { scaleDown: { selectPolicy: 'Disabled' } };
  const growing = { ...autoscaler, spec: { ...autoscaler.spec, behavior } };
  for (const [title, metadata, others, expected] of [
    ['its annotation', { annotations }, [autoscaler], 'Expected to shrink to 1: its annotation packdown.io/floor'],
    ['its autoscaler', {}, [autoscaler], 'Expected to shrink to 2: as low as its autoscaler goes'],
    [
      'its autoscaler, which only grows it',
      {},
      [growing],
      'Not expected to shrink below 3: as low as its autoscaler goes',
    ],
    ['a guess', {}, [], 'Not expected to shrink below 3: a guess; say it better with the annotation packdown.io/floor'],
  ] as const)
    it(`says how far it will shrink, by ${title}`, async (t) => {
      const [namespace, uid] = ['ns', 'uid-of-web'];
      const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true }];
      const pods = ['a', 'b', 'c'].map((name) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, ownerReferences },
      }));
      const set = {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: 'web', namespace, uid, ...metadata },
        spec: { replicas: 3 },
      };
      const items = [set, ...pods, ...others];
      const fleet = await temporaryFile(t, 'fleet.json', { kind: 'List', apiVersion: 'v1', items });
      const { stdout } = await run(['explain', '--fleet', fleet, 'ReplicaSet/ns/web']);
      assert.ok(stdout.join('\n').includes(`\n${expected}\n`), stdout.join('\n'));
    });

  it('says how evenly it is spread where its pods ask for it', async (t) => {
    const [namespace, uid] = ['ns', 'uid-of-web'];
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true }];
    const topologySpreadConstraints = [{ maxSkew: 2, topologyKey: 'zone', labelSelector: {} }];
    const node = (name: string, zone: string) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { zone } },
    });
    const pod = (name: string, nodeName: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, ownerReferences },
      spec: { nodeName, topologySpreadConstraints },
    });
    const metadata = { name: 'web', namespace, uid };
    const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { replicas: 3 } };
    const items = [set, node('n1', 'b'), node('n2', 'a'), pod('x', 'n1'), pod('y', 'n1'), pod('z', 'n2')];
    const fleet = await temporaryFile(t, 'fleet.json', { kind: 'List', apiVersion: 'v1', items });
    const { stdout } = await run(['explain', '--fleet', fleet, 'ReplicaSet/ns/web']);
    const expected = 'Spread over zone, at most 2 apart where a scale-down can keep it: a 1, b 2';
    assert.ok(stdout.join('\n').includes(`\n${expected}\n`), stdout.join('\n'));
  });

  for (const [title, spec, sentence] of [
    [
      'nobody has listed the groups',
      { replicas: 2 },
      /\nWarning: \S+ has no sortedGroupList, so its controller chooses/,
    ],
    [
      'members are resized in place',
      { scalingStrategy: { leaderFollowerConfig: { leader: { kind: 'Deployment', name: 'lead', replicas: 2 } } } },
      /\nWarning: its members are resized by its controller/,
    ],
  ] as const)
    it(`says that no order is known of a ResourceScalingGroup where ${title}`, async (t) => {
      const metadata = { name: 'pair', namespace: 'ns', uid: 'uid-of-pair' };
      const group = { apiVersion: 'resourcescalinggroup.com/v1', kind: 'ResourceScalingGroup', metadata, spec };
      const fleet = await temporaryFile(t, 'fleet.json', { kind: 'List', apiVersion: 'v1', items: [group] });
      const { stdout } = await run(['explain', '--fleet', fleet, 'ResourceScalingGroup/ns/pair']);
      assert.match(stdout.join('\n'), sentence);
    });
});

describe('explain ends with 2', () => {
  for (const [title, names, sentence] of [
    ['without a name', [], 'explain takes one pod or one workload'],
    ['for two names', ['llm/a', 'llm/b'], 'explain takes one pod or one workload'],
    ['for a bare name', ['chat'], 'chat is neither NAMESPACE/POD nor KIND/NAMESPACE/NAME'],
    ['for an unknown pod', ['llm/nobody'], 'pod llm/nobody is not in the fleet'],
    ['for an unknown workload', ['Deployment/llm/nobody'], 'Deployment/llm/nobody is not in the fleet'],
  ] as const) {
    it(title, async () => {
      const { code, stdout, stderr } = await explain(...names);
      assert.deepEqual([code, stdout], [2, []]);
      assert.equal(stderr[0], `packdown: ${sentence}`);
    });
  }
});
