import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Steered } from '../../src/admission/steered.ts';
import { Steering } from '../../src/admission/steering.ts';
import { Predictions } from '../../src/observability/predictions.ts';
import { configOf } from '../admission/webhook.ts';
import { fleetBut, fleetOf, marked, ours, podOf, servingGroup } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';
import { deleteGroups, type Observed, observed, outcomes, reconcile } from './observed.ts';

/** Six groups of one pod, two on each of the nodes n0 to n2. */
const llama = serving(6, { decode: 1 });
const at = (replicas: number) => ({ ...llama, replicas });
const pods = Array.from({ length: 6 }, (_, group) =>
  servingGroup(llama, group, () => ({ node: `n${Math.floor(group / 2)}`, ...ours(21) })),
).flat();

function hookOf(mode: 'observe' | 'steer' = 'steer'): Observed {
  return observed({ index: fleetOf(pods, [llama]), config: configOf(`mode: ${mode}\nsteering: {settle: 0ms}`) });
}

async function freed({ seriesOf, check }: Observed): Promise<number> {
  check();
  return (await seriesOf('packdown_nodes_freed_total'))['packdown_nodes_freed_total{mode="actual"}'] ?? 0;
}

describe('a scale-down that is steered', () => {
  it('is open until its controller has acted, then right', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    assert.deepEqual(await outcomes(hook), {});
    reconcile(hook, llama);
    assert.deepEqual(await outcomes(hook), { right: 1 });
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  it('is open while pods are on their way out, right when they are gone, and then frees nodes', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    for (const pod of [...hook.index.pods()].slice(4)) hook.index.putPod({ ...pod, deleting: true });
    assert.deepEqual(await outcomes(hook), {});
    assert.equal(await freed(hook), 0);
    deleteGroups(hook, 'llama-4', 'llama-5');
    assert.deepEqual(await outcomes(hook), { right: 1 });
    assert.equal(await freed(hook), 1);
    assert.equal(await freed(hook), 1);
  });

  it('is right when the pods are on their way out for longer than it is followed', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    for (const pod of [...hook.index.pods()].slice(4)) hook.index.putPod({ ...pod, deleting: true });
    hook.clock.time += 300_000;
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  for (const [when, seconds] of [
    ['at once', 0],
    ['seconds after', 4],
  ] as const)
    it(`is wrong when more goes than was planned, ${when}`, async () => {
      const hook = hookOf();
      await hook.scale(llama, 5);
      for (const pod of [...hook.index.pods()].slice(5)) hook.index.putPod({ ...pod, deleting: true });
      hook.check();
      deleteGroups(hook, 'llama-5');
      if (seconds > 0) hook.check();
      hook.clock.time += seconds * 1000;
      deleteGroups(hook, 'llama-0');
      assert.deepEqual(await outcomes(hook), { wrong: 1 });
      assert.deepEqual(
        hook.logged.filter(({ level }) => level === 40).map(({ expected, went }) => ({ expected, went })),
        [{ expected: ['llama-5'], went: ['llama-5', 'llama-0'] }],
      );
    });

  it('has nothing to do with what is evicted meanwhile', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    for (const pod of hook.index.podsOnNode('n0')) hook.index.putPod({ ...pod, deleting: true, evicted: true });
    hook.check();
    deleteGroups(hook, 'llama-0', 'llama-1', 'llama-4', 'llama-5');
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  it('leads to nothing where as many are evicted, and its controller takes no more', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    for (const pod of hook.index.podsOnNode('n0')) hook.index.putPod({ ...pod, deleting: true, evicted: true });
    hook.check();
    deleteGroups(hook, 'llama-0', 'llama-1');
    hook.clock.time += 300_000;
    assert.deepEqual(await outcomes(hook), { nothing: 1 });
  });

  it('has nothing to do with what goes later', async () => {
    const hook = hookOf();
    await hook.scale(llama, 5);
    reconcile(hook, llama);
    assert.deepEqual(await outcomes(hook), { right: 1 });
    deleteGroups(hook, 'llama-0');
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  it('is right when the whole workload is deleted right after, or shrunk by somebody whom nobody asked about', async () => {
    const deleted = hookOf();
    await deleted.scale(llama, 5);
    deleted.index.deleteWorkload(llama);
    deleteGroups(deleted, ...[0, 1, 2, 3, 4, 5].map((group) => `llama-${group}`));
    assert.deepEqual(await outcomes(deleted), { right: 1 });
    const foreground = hookOf();
    await foreground.scale(llama, 5);
    foreground.index.putWorkload({ ...at(5), deleting: true });
    deleteGroups(foreground, ...[0, 1, 2, 3, 4, 5].map((group) => `llama-${group}`));
    assert.deepEqual(await outcomes(foreground), { right: 1 });
    const shrunk = hookOf();
    await shrunk.scale(llama, 5);
    deleteGroups(shrunk, 'llama-5');
    shrunk.index.putWorkload(at(3));
    deleteGroups(shrunk, 'llama-4', 'llama-3');
    assert.deepEqual(await outcomes(shrunk), { right: 1 });
  });

  it('frees no node that something else keeps busy', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    hook.index.putPod(podOf('newcomer', { node: 'n2' }));
    reconcile(hook, llama);
    assert.deepEqual(await outcomes(hook), { right: 1 });
    assert.equal(await freed(hook), 0);
    hook.clock.time += 300_000;
    hook.check();
    hook.index.deletePod('default', 'newcomer');
    assert.equal(await freed(hook), 0);
  });

  it('is wrong when something else goes, which is logged with names', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    deleteGroups(hook, 'llama-0');
    assert.deepEqual(await outcomes(hook), {});
    deleteGroups(hook, 'llama-5');
    assert.deepEqual(await outcomes(hook), { wrong: 1 });
    assert.deepEqual(
      hook.logged.filter(({ level }) => level === 40),
      [
        {
          level: 40,
          workload: 'ModelServing/default/llama',
          mode: 'steer',
          expected: ['llama-5', 'llama-4'],
          went: ['llama-5', 'llama-0'],
          msg: 'a scale-down took something else than was predicted',
        },
      ],
    );
  });

  it('takes a namesake for another pod', async () => {
    const hook = hookOf();
    await hook.scale(llama, 5);
    const [victim] = servingGroup(llama, 5);
    assert.ok(victim);
    hook.index.putPod({ ...victim, uid: 'another' });
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  it('leads to nothing when the change is reverted', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    await hook.scale(at(4), 6);
    hook.clock.time += 294_999;
    assert.deepEqual(await outcomes(hook), {});
    hook.clock.time += 1;
    assert.deepEqual(await outcomes(hook), { nothing: 1 });
    assert.equal(hook.logged.filter(({ level }) => level !== 30).length, 0);
  });

  it('is right as far as it came when it is reverted half-way', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    deleteGroups(hook, 'llama-5');
    hook.clock.time += 300_000;
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  it('is one prediction when it is reviewed twice', async () => {
    const hook = hookOf();
    await hook.scale(llama, 4);
    hook.index.putWorkload(llama);
    await hook.scale(llama, 4);
    reconcile(hook, llama);
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });
});

describe('a later scale-down of the same workload', () => {
  it('extends the earlier one: what both take falsifies neither', async () => {
    const hook = hookOf();
    await hook.scale(llama, 5);
    await hook.scale(at(5), 4);
    deleteGroups(hook, 'llama-4');
    assert.deepEqual(await outcomes(hook), { right: 1 });
    deleteGroups(hook, 'llama-5');
    assert.deepEqual(await outcomes(hook), { right: 2 });
  });

  it('counts one wrong victim once', async () => {
    const hook = hookOf();
    await hook.scale(llama, 5);
    await hook.scale(at(5), 4);
    deleteGroups(hook, 'llama-0');
    assert.deepEqual(await outcomes(hook), { wrong: 1 });
    deleteGroups(hook, 'llama-5');
    assert.deepEqual(await outcomes(hook), { wrong: 1, right: 1 });
  });

  it('of a role is not falsified by a group that goes', async () => {
    const wide = serving(3, { decode: 2 });
    const index = fleetOf(
      [0, 1, 2].flatMap((group) => servingGroup(wide, group, () => ours(21))),
      [wide],
    );
    const hook = observed({ index });
    const narrow = { ...wide, roles: wide.roles.map((role) => ({ ...role, replicas: 1 })) };
    await hook.steering.steer(wide, narrow);
    hook.index.putWorkload(narrow);
    await hook.scale(narrow, 2);
    reconcile(hook, narrow);
    assert.deepEqual(await outcomes(hook), { right: 1 });
    for (const group of [0, 1]) hook.index.deletePod('default', `llama-${group}-decode-1-0`);
    assert.deepEqual(await outcomes(hook), { right: 2 });
  });

  it('takes what another replica of packdown has marked before and since for expected', async () => {
    const byAnother = pods.map((pod) => (pod.name.startsWith('llama-5') ? { ...pod, ...marked(0, 'llama-5') } : pod));
    const hook = observed({ index: fleetOf(byAnother, [at(5)]) });
    await hook.scale(at(5), 4);
    const [first] = hook.index.pods();
    assert.ok(first);
    hook.index.putPod({ ...first, ...marked(0, 'llama-0'), deleting: true });
    deleteGroups(hook, 'llama-5');
    assert.deepEqual(await outcomes(hook), {});
    deleteGroups(hook, 'llama-4');
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  it('is no surprise where another replica of packdown steered it, not even once its marks have vanished and the count is up again', async () => {
    const wide = serving(6, { decode: 2 });
    const groups = [0, 1, 2, 3, 4, 5].flatMap((group) => servingGroup(wide, group, () => ours(21)));
    const hook = observed({ index: fleetOf(groups, [wide]) });
    await hook.scale(wide, 5);
    deleteGroups(hook, 'llama-5');
    hook.check();
    // Up again, and down to the same count: of the group that goes, only one pod carries the mark.
    const [first] = hook.index.pods();
    assert.equal(first?.name, 'llama-0-decode-0-0');
    hook.index.putPod({ ...first, ...marked(0, 'llama-0') });
    hook.check();
    hook.index.deletePod('default', first.name);
    hook.check();
    deleteGroups(hook, 'llama-0');
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  it('is no surprise where nobody was asked about it, though the count is up again', async () => {
    const hook = hookOf();
    await hook.scale(llama, 5);
    hook.index.putWorkload(at(4));
    deleteGroups(hook, 'llama-5');
    hook.check();
    hook.index.putWorkload(at(6));
    deleteGroups(hook, 'llama-4');
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  for (const [what, generation, outcome] of [
    [
      'is no surprise where the workload was changed once more: rolled, or scaled up and down between two looks',
      8,
      'right',
    ],
    ['is a surprise where the workload is as the scale-down left it', 7, 'wrong'],
  ] as const)
    it(what, async () => {
      const hook = observed({ index: fleetOf(pods, [{ ...llama, generation: 6 }]) });
      await hook.scale(llama, 5);
      hook.index.putWorkload({ ...at(5), generation: 7 });
      deleteGroups(hook, 'llama-5');
      hook.check();
      hook.index.putWorkload({ ...at(5), generation });
      deleteGroups(hook, 'llama-0');
      assert.deepEqual(await outcomes(hook), { [outcome]: 1 });
    });

  it('is a surprise after all where a mark was taken back before', async () => {
    const hook = hookOf();
    await hook.scale(llama, 5);
    deleteGroups(hook, 'llama-5');
    const [first] = hook.index.pods();
    assert.ok(first);
    hook.index.putPod({ ...first, ...marked(0, 'llama-0') });
    hook.check();
    hook.index.putPod(first);
    hook.check();
    deleteGroups(hook, 'llama-0');
    assert.deepEqual(await outcomes(hook), { wrong: 1 });
  });
});

describe('where packdown only observes', () => {
  it('it predicts what the controller takes by its own order', async () => {
    const hook = hookOf('observe');
    for (const pod of pods.filter(({ name }) => name.startsWith('llama-1'))) hook.index.putPod({ ...pod, ...ours(3) });
    assert.match(await hook.scale(llama, 5), /llama-5 would go/);
    deleteGroups(hook, 'llama-1');
    assert.deepEqual(await outcomes(hook), { right: 1 });
  });

  it('it is wrong when its model of that order is', async () => {
    const hook = hookOf('observe');
    await hook.scale(llama, 5);
    deleteGroups(hook, 'llama-2');
    assert.deepEqual(await outcomes(hook), { wrong: 1 });
  });
});

describe('a scale-down whose costs could not all be written', () => {
  it('is predicted by the costs that the pods carry', async () => {
    const fails = observed({
      index: fleetOf(pods, [llama]),
      wrap: (fleet) => fleetBut(fleet, { write: async (writes) => writes.map(() => 'failed') }),
    });
    for (const pod of pods.filter(({ name }) => name.startsWith('llama-1'))) fails.index.putPod({ ...pod, ...ours(3) });
    await fails.scale(llama, 5);
    deleteGroups(fails, 'llama-1');
    assert.deepEqual(await outcomes(fails), { right: 1 });
  });
});

describe('predictions', () => {
  it('keep no more than a bounded number of pods in mind, and count what they do not follow', async () => {
    const { fleet, config, now } = hookOf();
    const untracked: string[] = [];
    const predictions = new Predictions({
      ...{ fleet, now, patience: 1000, mostPods: 13, adapterOptions: config.resourceScalingGroup },
      onSettled: () => assert.fail('nothing has gone'),
      onUntracked: ({ plan }) => untracked.push(...(plan?.victims ?? []).map(({ candidate }) => candidate.name)),
      onFreed: () => undefined,
    });
    const onSteered = (steered: Steered) => predictions.predict(steered);
    const steering = new Steering({ fleet, config, now, wait: async () => undefined, onSteered });
    for (const replicas of [5, 4]) await steering.steer(at(replicas + 1), at(replicas));
    // The same again takes nothing more.
    await steering.steer(at(5), at(4));
    assert.deepEqual(untracked, []);
    await steering.steer(at(4), at(3));
    assert.deepEqual(untracked, ['llama-3']);
  });
});
