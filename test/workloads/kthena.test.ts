import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import type { Pool } from '../../src/domain/victims/pool.ts';
import { REVISION } from '../../src/workloads/kthena/labels.ts';
import { modelServing } from '../../src/workloads/kthena/model-serving.ts';
import { fleetOf, NOW, ours, planOf, podOf, scaleTo, scoreOf, servingGroup, servingPod } from '../builders/fleet.ts';
import { partition, serving } from '../builders/workload.ts';

const object = {
  apiVersion: 'workload.serving.volcano.sh/v1alpha1',
  kind: 'ModelServing',
  metadata: { namespace: 'llm', name: 'chat', uid: 'u1', annotations: { 'packdown.io/policy': 'ordinal' } },
  spec: {
    replicas: 4,
    schedulerName: 'volcano',
    rolloutStrategy: { type: 'RoleRollingUpdate', rollingUpdateConfiguration: { partition: '50%' } },
    template: {
      restartGracePeriodSeconds: 60,
      gangPolicy: { minRoleReplicas: { decode: 2 } },
      roles: [
        { name: 'prefill', replicas: 1, workerReplicas: 3, entryTemplate: { spec: {} } },
        { name: 'decode', replicas: 4, workerReplicas: 0, partition: 1, entryTemplate: { spec: {} } },
      ],
    },
  },
};

describe('reading a ModelServing', () => {
  test('groups, roles, partitions and gang minimums are read', () => {
    assert.deepEqual(modelServing.read(object), {
      group: 'workload.serving.volcano.sh',
      kind: 'ModelServing',
      namespace: 'llm',
      name: 'chat',
      uid: 'u1',
      labels: {},
      annotations: { 'packdown.io/policy': 'ordinal' },
      owner: null,
      replicas: 4,
      firstOrdinal: 0,
      partition: { kind: 'percent', value: 50 },
      gangMinimum: null,
      startsWhole: true,
      roles: [
        { name: 'prefill', replicas: 1, workers: 3, gangMinimum: null, partition: null, dependencies: [] },
        {
          name: 'decode',
          replicas: 4,
          workers: 0,
          gangMinimum: 2,
          partition: { kind: 'int', value: 1 },
          dependencies: [],
        },
      ],
    });
  });

  test('its groups start whole where Volcano schedules them, whatever their gang policy', () => {
    const startsWhole = (spec: object) => modelServing.read({ spec }).startsWhole;
    assert.deepEqual([{ schedulerName: 'volcano' }, { schedulerName: 'default-scheduler' }, {}].map(startsWhole), [
      true,
      undefined,
      undefined,
    ]);
  });

  test('counts that are left out are 1, workers that are left out 0', () => {
    const { replicas, roles } = modelServing.read({ spec: { template: { roles: [{ name: 'prefill' }] } } });
    assert.equal(replicas, 1);
    assert.deepEqual(roles, [
      { name: 'prefill', replicas: 1, workers: 0, gangMinimum: null, partition: null, dependencies: [] },
    ]);
  });

  test('a partition that is text and no percentage protects nothing, as Kthena has it', () => {
    const { partition: read } = modelServing.read({
      spec: { rolloutStrategy: { rollingUpdateConfiguration: { partition: '2' } } },
    });
    assert.equal(read, null);
  });

  test("a role's partition counts only where roles roll", () => {
    const { roles } = modelServing.read({
      ...object,
      spec: { ...object.spec, rolloutStrategy: { type: 'ServingGroupRollingUpdate' } },
    });
    assert.deepEqual(
      roles.map(({ partition }) => partition),
      [null, null],
    );
  });

  describe('the template is what a change of replaces pods', () => {
    const [prefill, decode] = object.spec.template.roles;
    const template = (ofDecode: object, ofGroups = {}) => {
      const roles = [prefill, { ...decode, ...ofDecode }];
      const spec = { ...object.spec, replicas: 9, template: { ...object.spec.template, ...ofGroups, roles } };
      return modelServing.template({ ...object, spec });
    };
    const same = modelServing.template(object);

    test('so counts are no part of it', () => assert.deepEqual(template({ replicas: 9 }), same));

    test('nor is how a role rolls: Kthena leaves that out of the revision', () => {
      assert.deepEqual(template({ partition: 3, maxUnavailable: 2 }), same);
    });

    test('nor is what the template holds beside the roles', () => {
      assert.deepEqual(template({}, { restartGracePeriodSeconds: 5, networkTopology: {} }), same);
    });

    test('but workers are', () => assert.notDeepEqual(template({ workerReplicas: 9 }), same));
  });
});

describe("the binpack proposal's table: replicas 0, 1 and 2 exist", () => {
  const workload = serving(3, { prefill: 1 }, { name: 'r', uid: 'uid-of-r' });
  const neighbours = (node: string, count: number) =>
    Array.from({ length: count }, (_, index) => podOf(`on-${node}-${index}`, { node }));
  const replica = (group: number) => servingGroup(workload, group, () => ({ node: `n${group}` }));
  const others = [...neighbours('n0', 3), ...neighbours('n1', 1), ...neighbours('n2', 2)];

  test('a scale-down by one removes R-1, the lowest score', () => {
    const fleet = fleetOf([0, 1, 2].flatMap(replica).concat(others), [workload]);
    const plan = planOf(scaleTo(workload, 2), fleet, 'binpack');
    assert.deepEqual(
      plan.victims.map((victim) => ({ name: victim.candidate.name, score: scoreOf(victim, fleet) })),
      [{ name: 'r-1', score: 21 }],
    );
  });

  test('a scale-up by two then creates R-1 first and R-3 next', () => {
    const left = { ...workload, replicas: 2 };
    const fleet = fleetOf([0, 2].flatMap(replica).concat(others), [left]);
    const plan = planOf(scaleTo(left, 4), fleet, 'binpack');
    assert.deepEqual([plan.created, plan.victims, plan.writes], [['r-1', 'r-3'], [], []]);
  });

  test('a group on its way out still holds its ordinal', () => {
    const left = { ...workload, replicas: 2 };
    const going = replica(1).map((pod) => ({ ...pod, deleting: true }));
    const fleet = fleetOf([...replica(0), ...going, ...replica(2)], [left]);
    assert.deepEqual(planOf(scaleTo(left, 4), fleet).created, ['r-3']);
  });
});

describe('the groups of a ModelServing', () => {
  const workload = serving(3, { prefill: 1, decode: { replicas: 2, workers: 1 } });
  const groups = (pods: readonly Pod[], spec: Workload = workload, roles?: Workload['roles']): Pool => {
    const request = scaleTo(spec, 1);
    const fleet = fleetOf(pods, [spec]);
    if (roles !== undefined) {
      fleet.putRevision({ namespace: 'default', name: 'llama-7f9', owner: spec.uid, created: 0, roles });
    }
    const [pool] = modelServing.scale(request, fleet, NOW).pools;
    assert.ok(pool !== undefined);
    return pool;
  };
  const complete = [0, 1, 2].flatMap((group) => servingGroup(workload, group));
  const change = (name: string, rest: Partial<Pod>) =>
    complete.map((pod) => (pod.name === name ? { ...pod, ...rest } : pod));
  const ready = (pods: readonly Pod[], spec?: Workload, roles?: Workload['roles']) =>
    groups(pods, spec, roles).candidates.map(({ ready }) => ready);

  test('are listed by ordinal as numbers, their pods by name, entry pods in the order of roles', () => {
    const pods = [10, 9].flatMap((group) => servingGroup(workload, group)).reverse();
    const { candidates } = groups(pods);
    assert.deepEqual(
      candidates.map(({ name }) => name),
      ['llama-9', 'llama-10'],
    );
    assert.deepEqual(
      candidates[0]?.pods.map(({ name }) => name),
      ['llama-9-decode-0-0', 'llama-9-decode-0-1', 'llama-9-decode-1-0', 'llama-9-decode-1-1', 'llama-9-prefill-0-0'],
    );
    assert.deepEqual(
      candidates[0]?.entryPods.map(({ name }) => name),
      ['llama-9-prefill-0-0', 'llama-9-decode-0-0', 'llama-9-decode-1-0'],
    );
  });

  test('are ready when all replicas of all roles are there, running and ready', () => {
    assert.deepEqual(ready(complete), [true, true, true]);
    assert.deepEqual(ready(change('llama-1-decode-1-1', { ready: false })), [true, false, true]);
    assert.deepEqual(ready(change('llama-1-prefill-0-0', { phase: 'Pending' })), [true, false, true]);
    assert.deepEqual(ready(change('llama-1-prefill-0-0', { deleting: true })), [true, false, true]);
    assert.deepEqual(ready(complete.filter(({ name }) => name !== 'llama-1-decode-1-1')), [true, false, true]);
    assert.deepEqual(ready(complete.filter(({ name }) => !name.startsWith('llama-1-decode-1'))), [true, false, true]);
  });

  test('are not ready while a role grows, except where the partition holds them at a revision that is known', () => {
    const scaled = serving(3, { prefill: 1, decode: { replicas: 3, workers: 1 } }, { partition: partition(1) });
    assert.deepEqual(ready(complete, scaled, workload.roles), [true, false, false]);
    assert.deepEqual(ready(complete, scaled), [false, false, false]);
  });

  test('are ready with the workers of their own revision, until a rollout of more or fewer reaches them', () => {
    for (const workers of [0, 3]) {
      const rolling = serving(3, { prefill: 1, decode: { replicas: 2, workers } });
      assert.deepEqual(ready(complete, rolling, workload.roles), [true, true, true]);
      const anew = complete.find(({ name }) => name === 'llama-1-decode-0-0')?.labels;
      const rolled = change('llama-1-decode-0-0', { labels: { ...anew, [REVISION]: 'c41' } });
      assert.deepEqual(ready(rolled, rolling, workload.roles), [true, workers === 0, true]);
      const broken = change('llama-1-decode-0-1', { ready: false });
      assert.deepEqual(ready(broken, rolling, workload.roles), [true, false, true]);
    }
  });

  test('are judged anew, of the same pods, where others are protected, a revision gets known or roles change', () => {
    const grown = serving(3, { prefill: 1, decode: { replicas: 3, workers: 1 } }, { partition: partition('50%') });
    const fleet = fleetOf(complete, [grown]);
    const readyFor = (spec: Workload, to: number) =>
      modelServing
        .scale(scaleTo(spec, to), fleet, NOW)
        .pools.flatMap(({ candidates }) => candidates.map(({ ready }) => ready));
    assert.deepEqual(readyFor(grown, 2), [false, false, false]);
    const { roles } = workload;
    fleet.putRevision({ namespace: 'default', name: 'llama-7f9', owner: grown.uid, created: 0, roles });
    assert.deepEqual(readyFor(grown, 2), [true, false, false]);
    assert.deepEqual(readyFor(grown, 3), [true, true, false]);
    assert.deepEqual(readyFor({ ...grown, roles }, 3), [true, true, true]);
  });

  test('are not ready without a role, under a partition too', () => {
    const spec = { ...workload, partition: partition(2) };
    const pods = complete.filter(({ name }) => name !== 'llama-0-prefill-0-0');
    assert.deepEqual(ready(pods, spec), [false, true, true]);
    assert.deepEqual(ready(pods, spec, workload.roles), [false, true, true]);
  });

  test('are ready until what a smaller role loses is on its way out', () => {
    const scaled = serving(3, { prefill: 1, decode: { replicas: 1, workers: 1 } });
    assert.deepEqual(ready(complete, scaled), [true, true, true]);
    const shrinking = complete.map((pod) => ({ ...pod, deleting: pod.name.startsWith('llama-1-decode-1') }));
    assert.deepEqual(ready(shrinking, scaled), [true, false, true]);
  });

  test('are on their way out once all of their pods are', () => {
    const going = complete.map((pod) => ({
      ...pod,
      deleting: pod.name.startsWith('llama-1-decode-1') || pod.name.startsWith('llama-2-'),
    }));
    assert.deepEqual(
      groups(going).candidates.map(({ deleting }) => deleting),
      [false, false, true],
    );
  });

  test('lose what a role has beyond the spec, lowest costs first, except where the partition protects them', () => {
    const scaled = serving(3, { prefill: 1, decode: { replicas: 1, workers: 1 } }, { partition: partition(1) });
    const pods = complete.map((pod) => ({ ...pod, ...ours(pod.name.startsWith('llama-2-decode-0') ? 1 : 2) }));
    assert.deepEqual(
      groups(pods, scaled, workload.roles).candidates.map(({ leaving = [] }) => leaving.map(({ name }) => name)),
      [[], ['llama-1-decode-1-0', 'llama-1-decode-1-1'], ['llama-2-decode-0-0', 'llama-2-decode-0-1']],
    );
    assert.deepEqual(
      groups(pods).candidates.flatMap(({ leaving = [] }) => leaving),
      [],
    );
  });

  test('lose nothing more of a role once what it has beyond the spec is on its way out', () => {
    const scaled = serving(3, { prefill: 1, decode: { replicas: 1, workers: 1 } });
    const pods = complete.map((pod) => {
      const isGoing = pod.name.startsWith('llama-1-decode-1');
      return { ...pod, ...ours(isGoing ? 2 : 1), deleting: isGoing };
    });
    assert.deepEqual(groups(pods, scaled).candidates[1]?.leaving, []);
  });

  test('are on their way out when all their pods are, and rank with what is not ready', () => {
    const pods = complete.map((pod) => ({ ...pod, deleting: pod.name.startsWith('llama-1') }));
    assert.deepEqual(
      groups(pods).candidates.map(({ deleting, ready }) => ({ deleting, ready })),
      [
        { deleting: false, ready: true },
        { deleting: true, ready: false },
        { deleting: false, ready: true },
      ],
    );
  });

  test('are protected by a partition that is taken of the new count, rounded up', () => {
    const { partition: now, partitionBefore } = groups(complete, { ...workload, partition: partition('50%') });
    assert.deepEqual([now, partitionBefore], [1, 2]);
  });

  test("are those of its own pods: another ModelServing's pods with the same labels are not", () => {
    const strangers = complete.map((pod) => ({
      ...pod,
      name: `old-${pod.name}`,
      uid: `old-${pod.uid}`,
      controller: null,
    }));
    assert.equal(groups([...complete, ...strangers]).candidates[0]?.pods.length, 5);
  });
});

test('a group that a rollout has just created is kept from going beside the one that it takes down', () => {
  const workload = serving(3, { prefill: { workers: 1 } });
  const fresh: Partial<Pod> = { phase: 'Pending', ready: false, node: null };
  const pods = [
    servingGroup(workload, 0, () => ours(60)),
    servingGroup(workload, 1, () => ({ ...ours(40), deleting: true })),
    servingGroup(workload, 2, () => fresh),
  ];
  const plan = planOf(scaleTo(workload, 2), fleetOf(pods.flat(), [workload]));
  assert.deepEqual(plan.victims, []);
  assert.deepEqual(
    plan.writes.map(({ carrier, victim, to }) => [carrier.name, victim, Number(to) > 0]),
    [
      ['llama-1-prefill-0-0', null, false],
      ['llama-1-prefill-0-1', null, false],
      ['llama-2-prefill-0-0', null, true],
    ],
  );
  assert.deepEqual(plan.warnings, [
    'ModelServing/default/llama may go otherwise: llama-2 is not ready and stays, and Kthena takes it before llama-1 if it counts only that one as ready',
  ]);
});

test('groups are steered while one that the partition protects is made anew, which fills no count before they do', () => {
  const workload = serving(4, { prefill: 1 }, { partition: partition(1) });
  const pods = [0, 1, 2, 3].map((group) =>
    servingGroup(workload, group, () => ({ ...ours(50), deleting: group === 0, node: group === 2 ? 'n2' : 'n1' })),
  );
  const plan = planOf(scaleTo(workload, 3), fleetOf(pods.flat(), [workload]));
  assert.deepEqual(
    plan.victims.map(({ candidate, steered }) => [candidate.name, steered]),
    [['llama-2', true]],
  );
  assert.deepEqual(plan.warnings, []);
});

describe('a role of a ModelServing', () => {
  const workload = serving(3, { prefill: 2, decode: { replicas: 2, workers: 1 } });
  const complete = [0, 1, 2].flatMap((group) => servingGroup(workload, group, () => ours(50)));
  const read = (pods: readonly Pod[], role = 'decode', spec = workload, to = 1) =>
    modelServing.scale(scaleTo(spec, to, role), fleetOf(pods, [spec]), NOW);

  test('is one pool a group, of its replicas only', () => {
    const { pools } = read(complete);
    assert.deepEqual(
      pools.map(({ candidates }) => candidates.map(({ group, name }) => `${group}/${name}`)),
      [0, 1, 2].map((group) => [`llama-${group}/decode-0`, `llama-${group}/decode-1`]),
    );
  });

  test('has its anchor in the first role only, at ordinal 0', () => {
    const anchors = (role: string) =>
      read(complete, role)
        .pools[0]?.candidates.filter(({ anchor }) => anchor)
        .map(({ name }) => name);
    assert.deepEqual(anchors('prefill'), ['prefill-0']);
    assert.deepEqual(anchors('decode'), []);
  });

  test('keeps its replicas in groups that the partition holds at a revision that is stored, and a warning says so', () => {
    const spec = { ...workload, partition: partition(2) };
    const stored = { namespace: 'default', owner: spec.uid, created: 0, roles: workload.roles };
    const read = (revision: string) => {
      const fleet = fleetOf(complete, [spec]);
      fleet.putRevision({ ...stored, name: `llama-${revision}` });
      const { pools, warnings } = modelServing.scale(scaleTo(spec, 1, 'decode'), fleet, NOW);
      return { groups: pools.map(({ candidates }) => candidates[0]?.group), warnings };
    };
    assert.deepEqual(read('7f9'), {
      groups: ['llama-2'],
      warnings: ['the first 2 groups of llama are protected by its partition: they keep their replicas of role decode'],
    });
    assert.deepEqual(read('another'), { groups: ['llama-0', 'llama-1', 'llama-2'], warnings: [] });
  });

  test('is left alone in groups on their way out, and writes nothing while more of them are there than are wanted', () => {
    const pods = complete.map((pod) => ({ ...pod, deleting: pod.name.startsWith('llama-1-') }));
    const shrinking = { ...workload, replicas: 2 };
    const { pools, warnings } = read(pods, 'decode', shrinking);
    assert.deepEqual(warnings, [
      'llama is still losing groups: a smaller role decode lowers the costs of those that stay, and another may go as well',
    ]);
    assert.deepEqual(read(pods, 'decode', shrinking, 3).warnings, []);
    assert.deepEqual(
      pools.map(({ candidates, frozen }) => ({ group: candidates[0]?.group, frozen })),
      [
        { group: 'llama-0', frozen: true },
        { group: 'llama-2', frozen: true },
      ],
    );
    // The one that is on its way out is made anew: no sums of groups are compared.
    for (const remade of [pods, complete])
      assert.deepEqual([read(remade).warnings, read(remade).pools.some(({ frozen }) => frozen)], [[], false]);
    assert.equal(read(complete, 'decode', shrinking).pools[0]?.frozen, true);
  });

  test('is ready replica by replica', () => {
    const pods = complete.filter(({ name }) => name !== 'llama-0-decode-1-1');
    assert.deepEqual(
      read(pods).pools[0]?.candidates.map(({ ready }) => ready),
      [true, false],
    );
  });

  test('is created at the lowest missing ordinals of every group', () => {
    const pods = complete.filter(({ name }) => !name.startsWith('llama-1-decode-0'));
    assert.deepEqual(read(pods, 'decode', workload, 3).created, [
      'llama-0-decode-2',
      'llama-1-decode-0',
      'llama-1-decode-2',
      'llama-2-decode-2',
    ]);
  });

  test('that does not exist is a warning', () => {
    assert.deepEqual(read(complete, 'router'), {
      pools: [],
      created: [],
      warnings: ['llama has no role router; its roles are prefill, decode'],
    });
  });
});

test('a pod goes with its role replica and its group', () => {
  const workload = serving(1, { decode: 2 });
  const pod = servingPod(workload, { group: 0, role: 'decode', replica: 1, worker: 0 });
  assert.deepEqual(modelServing.unitsOf(pod), ['llama-0', 'llama-0/decode-1']);
  assert.deepEqual(modelServing.unitsOf(podOf('stray')), []);
});
