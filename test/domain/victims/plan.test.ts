import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '../../../src/domain/fleet/pod.ts';
import type { Workload } from '../../../src/domain/fleet/workload.ts';
import type { Plan } from '../../../src/domain/victims/plan.ts';
import {
  afterWrites,
  appsPod,
  fleetOf,
  ours,
  planOf,
  scaleTo,
  scoreOf,
  servingGroup,
  theirs,
} from '../../builders/fleet.ts';
import { deployment, serving } from '../../builders/workload.ts';

const names = ({ victims }: Plan) => victims.map(({ candidate }) => candidate.name);
const writes = ({ writes }: Plan) => writes.map(({ carrier, to }) => `${carrier.name}=${to}`);

/** Ten groups of a prefill and a decode pod, two nodes a group, costs as they are stamped at bind. */
const llama = serving(10, { prefill: 1, decode: { replicas: 1, workers: 1 } });
const stamped = Array.from({ length: 10 }, (_, group) =>
  servingGroup(llama, group, ({ role }) => ({ node: `${role}-${group % 5}`, ...ours(50 + group) })),
).flat();

const scale = (pods: readonly Pod[], workload: Workload, to: number) => {
  const plan = planOf(scaleTo(workload, to), fleetOf(pods, [workload]));
  return { plan, pods: afterWrites(pods, plan.writes), workload: { ...workload, replicas: to } };
};

/** These groups on their way out. */
const ending = (groups: readonly string[], pods: readonly Pod[]) =>
  pods.map((pod) => ({ ...pod, deleting: pod.deleting || groups.some((group) => pod.name.startsWith(`${group}-`)) }));

describe('one scale-down after another', () => {
  const first = scale(stamped, llama, 8);

  test('10 to 8 takes two groups that free their nodes, and lowers their costs only', () => {
    assert.deepEqual(names(first.plan), ['llama-9', 'llama-4']);
    assert.deepEqual(
      first.plan.nodesFreed.map(({ name }) => name),
      ['decode-4', 'prefill-4'],
    );
    assert.deepEqual(first.plan.warnings, []);
    assert.ok(first.plan.victims.every(({ steered }) => steered));
    assert.ok(first.plan.writes.every(({ carrier, victim }) => carrier.name.startsWith(`${victim}-`)));
  });

  test('the same review again names the same groups and writes nothing', () => {
    const again = scale(first.pods, llama, 8);
    assert.deepEqual(names(again.plan), names(first.plan));
    assert.deepEqual(writes(again.plan), []);
  });

  test('8 to 7 before any deletion takes one more, and puts it between those that go and those that stay', () => {
    const second = scale(first.pods, first.workload, 7);
    assert.equal(second.plan.victims.length, 1);
    assert.ok(!names(first.plan).includes(names(second.plan)[0] ?? ''));
    const sum = (group: string, pods: readonly Pod[]) =>
      pods.filter(({ name }) => name.startsWith(`${group}-`)).reduce((sum, { cost }) => sum + Number(cost), 0);
    const sums = Array.from({ length: 10 }, (_, group) => `llama-${group}`).map((group) => ({
      group,
      sum: sum(group, second.pods),
    }));
    const order = sums.sort((a, b) => a.sum - b.sum).map(({ group }) => group);
    assert.deepEqual(new Set(order.slice(0, 2)), new Set(names(first.plan)));
    assert.equal(order[2], names(second.plan)[0]);
  });

  test('one group at a time, while all that went before are still ending, each goes as planned', () => {
    let story = { pods: stamped.map((pod): Pod => ({ ...pod, ...ours(5) })), workload: llama };
    for (let to = 9; to > 0; to -= 1) {
      const { plan, ...after } = scale(story.pods, story.workload, to);
      assert.deepEqual([plan.warnings, plan.victims.map(({ steered }) => steered)], [[], [true]], `to ${to}`);
      story = { ...after, pods: ending(names(plan), after.pods) };
    }
  });

  test('a group that is made anew, and ends with the costs that it had, keeps no other from being steered', () => {
    const { plan } = scale(ending(['llama-9'], stamped), llama, 7);
    assert.deepEqual([plan.warnings, names(plan)], [[], ['llama-8', 'llama-4']]);
    assert.ok(plan.victims.every(({ steered }) => steered));
    assert.deepEqual(
      plan.nodesFreed.map(({ name }) => name),
      ['decode-4', 'prefill-4'],
    );
  });

  test('8 back to 10 plans nothing, and 10 to 8 once more takes the groups that are marked', () => {
    const back = scale(first.pods, first.workload, 10);
    assert.deepEqual([names(back.plan), writes(back.plan), back.plan.warnings], [[], [], []]);
    const again = scale(back.pods, back.workload, 8);
    assert.deepEqual(names(again.plan), names(first.plan));
    assert.deepEqual(writes(again.plan), []);
  });

  test('scaling to zero takes everything and writes nothing', () => {
    const { plan } = scale(stamped, llama, 0);
    assert.equal(plan.victims.length, 10);
    assert.equal(plan.nodesFreed.length, 10);
    assert.deepEqual([writes(plan), plan.warnings], [[], []]);
  });

  test('a scale-up while groups are on their way out plans nothing', () => {
    const { plan } = scale(ending(names(first.plan), first.pods), first.workload, 9);
    assert.deepEqual([names(plan), writes(plan), plan.warnings, plan.nodesFreed], [[], [], [], []]);
  });
});

describe('where no costs can say it', () => {
  const workload = serving(3, { prefill: 1 });
  const group = (ordinal: number, rest: Partial<Pod>) => servingGroup(workload, ordinal, () => rest);

  test('nothing is written, a warning says why, and the plan names what the controller takes by itself', () => {
    const pods = [
      ...group(0, { node: 'n1', ...theirs(-4) }),
      ...group(1, { node: 'n1', ...ours(9), deleting: true }),
      ...group(2, { node: 'n2', ...ours(7) }),
    ];
    const plan = planOf(scaleTo({ ...workload, replicas: 2 }, 1), fleetOf(pods, [workload]));
    assert.deepEqual(plan.warnings, [
      'ModelServing/default/llama is not steered: every cost of llama-0 was written by somebody else',
    ]);
    assert.deepEqual(names(plan), ['llama-0']);
    assert.deepEqual(writes(plan), []);
    assert.ok(plan.victims.every(({ steered }) => !steered));
  });

  test('a group that is not ready stays where the sum of the one on its way out is lower, and a warning says so', () => {
    const planBeside = (cost: number) => {
      const pods = [
        ...group(0, { ready: false, ...theirs(cost) }),
        ...group(1, { ...theirs(5), deleting: true }),
        ...group(2, ours(7)),
      ];
      return planOf(scaleTo(workload, 2), fleetOf(pods, [workload]));
    };
    assert.deepEqual([names(planBeside(9)), names(planBeside(4))], [[], ['llama-0']]);
    assert.deepEqual(
      [planBeside(9).warnings, planBeside(4).warnings],
      [
        [
          'ModelServing/default/llama may go otherwise: llama-0 is not ready and stays, and Kthena takes it before llama-1 if it counts only that one as ready',
        ],
        [
          'ModelServing/default/llama is not steered: llama-0 cannot be kept: the costs that its pods carry sum up to 4',
        ],
      ],
    );
  });

  test('only the groups of a role that cannot be steered are left alone', () => {
    const spec = serving(2, { prefill: 1, decode: 2 });
    const pods = [0, 1].flatMap((ordinal) =>
      servingGroup(spec, ordinal, ({ group, role }) => (role === 'decode' && group === 1 ? theirs(5) : { ...ours(9) })),
    );
    const plan = planOf(scaleTo(spec, 1, 'decode'), fleetOf(pods, [spec]));
    assert.deepEqual(plan.warnings, [
      'ModelServing/default/llama:decode in llama-1 is not steered: decode-0 cannot be kept: the costs that its pods carry sum up to 5',
    ]);
    assert.deepEqual(
      plan.victims.map(({ candidate: { group, name }, steered }) => ({ group, name, steered })),
      [
        { group: 'llama-0', name: 'decode-1', steered: true },
        { group: 'llama-1', name: 'decode-1', steered: false },
      ],
    );
  });

  test('a StatefulSet is explained: nothing is steered, nothing is wrong', () => {
    const set = deployment(3, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
    const pods = [0, 1, 2].map((ordinal) => appsPod(set, ordinal, { node: `n${ordinal}` }));
    const plan = planOf(scaleTo(set, 1), fleetOf(pods, [set]));
    assert.deepEqual([names(plan), writes(plan), plan.warnings], [['db-2', 'db-1'], [], []]);
    assert.ok(plan.victims.every(({ steered }) => !steered));
    assert.deepEqual(
      plan.nodesFreed.map(({ name }) => name),
      ['n1', 'n2'],
    );
  });
});

test('without packdown, what it has written decides nothing, and what others have written still does', () => {
  const web = deployment(3, { kind: 'ReplicaSet', uid: 'uid-of-web' });
  const pods = [
    appsPod(web, 'a', { node: 'n1', ...ours(-1000) }),
    appsPod(web, 'b', { node: 'n2', ...theirs(-1) }),
    appsPod(web, 'c', { node: 'n2' }),
  ];
  const plan = planOf(scaleTo(web, 2), fleetOf(pods, [web]));
  assert.deepEqual(
    plan.withoutPackdown().victims.map(({ candidate }) => candidate.name),
    ['web-b'],
  );
});

test('a victim is worth the sum of the binpack costs of its pods', () => {
  const workload = serving(2, { prefill: { replicas: 1, workers: 1 } });
  const pods = [0, 1].flatMap((group) => servingGroup(workload, group, () => ({ node: `n${group}`, ...ours(1) })));
  const fleet = fleetOf(pods, [workload]);
  const plan = planOf(scaleTo(workload, 1), fleet);
  // Two pods of 4/64 cpu, 32/512 GiB and 1/8 GPU each on one node: 100 × (1/8 + 1/8 + 5 × 1/4) / 7 = 21.4 a pod.
  assert.deepEqual(
    plan.victims.map((victim) => scoreOf(victim, fleet)),
    [42],
  );
});
