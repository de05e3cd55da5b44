import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configOf, webhook } from '../admission/webhook.ts';
import {
  appsPod,
  fleetBut,
  fleetOf,
  marked,
  marksIn,
  NOW,
  ours,
  podOf,
  servingGroup,
  theirs,
} from '../builders/fleet.ts';
import { scaleReview } from '../builders/review.ts';
import { deployment, serving } from '../builders/workload.ts';
import { takeBackAt } from './stage.ts';

const TAKE_BACK = 300_000;

/** Four groups of one pod, each alone on its node but the last, which shares n3 with a pod that nothing moves. */
const llama = serving(4, { decode: 1 });
const groups = [0, 1, 2, 3].flatMap((group) => servingGroup(llama, group, () => ({ node: `n${group}`, ...ours(50) })));
const neighbour = podOf('neighbour', { node: 'n3' });

async function scaledDown() {
  const hook = webhook({ index: fleetOf([...groups, neighbour], [llama]) });
  const { index } = hook;
  const markedNames = () => marksIn(index);
  await hook.validate(scaleReview(llama, 2));
  assert.deepEqual(markedNames(), ['llama-1', 'llama-2']);
  return {
    ...hook,
    markedNames,
    takeBack: (after: number) => takeBackAt(NOW + after, hook.fleet, hook.config),
    show: (replicas: number) => index.putWorkload({ ...llama, replicas }),
    change: (group: number, fields: object) => {
      const pod = index.pod('default', `llama-${group}-decode-0-0`);
      assert.ok(pod);
      index.putPod({ ...pod, ...fields });
    },
  };
}

describe('marks that led nowhere', () => {
  it('are taken back after steering.takeBack, and not a moment earlier', async () => {
    const { takeBack, markedNames, validate } = await scaledDown();
    await validate(scaleReview({ ...llama, replicas: 2 }, 4));
    assert.equal(await takeBack(TAKE_BACK - 1), 0);
    assert.deepEqual(markedNames(), ['llama-1', 'llama-2']);
    assert.equal(await takeBack(TAKE_BACK), 2);
    assert.deepEqual(markedNames(), []);
    assert.equal(await takeBack(TAKE_BACK), 0);
  });

  it('leave the binpack cost of now, with its owner record', async () => {
    const { takeBack, index } = await scaledDown();
    index.putPod(podOf('newcomer', { node: 'n1' }));
    await takeBack(TAKE_BACK);
    // Of 64 cpu, 512Gi and 8 GPUs every pod asks for 4, 32Gi and 1: 100 · (4/64 + 32/512 + 5 · 1/8) / 7 = 10.7.
    const costs = [...index.pods()].map(({ name, cost, costOwner }) => [name.slice(0, 8), cost, costOwner]);
    assert.deepEqual(costs, [
      ['llama-0-', '50', '50'],
      ['llama-1-', '21', '21'],
      ['llama-2-', '11', '11'],
      ['llama-3-', '50', '50'],
      ['neighbou', null, null],
      ['newcomer', null, null],
    ]);
  });

  it('stay while the controller has yet to delete, and are then gone with their pods', async () => {
    const { takeBack, show, index, markedNames } = await scaledDown();
    show(2);
    assert.equal(await takeBack(TAKE_BACK), 0);
    for (const group of [1, 2]) index.deletePod('default', `llama-${group}-decode-0-0`);
    assert.equal(await takeBack(TAKE_BACK), 0);
    assert.deepEqual(markedNames(), []);
  });

  it('do not stay for ever where a pod hangs on a node that has died', async () => {
    const { takeBack, change, markedNames } = await scaledDown();
    change(2, { deleting: true, deletingUntil: NOW + TAKE_BACK });
    assert.equal(await takeBack(2 * TAKE_BACK - 1), 0, 'it may still end');
    assert.equal(await takeBack(2 * TAKE_BACK), 1);
    assert.deepEqual(markedNames(), ['llama-2'], 'of which nothing is left to take back');
  });

  it('stay while the controller is deleting any group of the workload', async () => {
    const { takeBack, show, change, markedNames } = await scaledDown();
    show(3);
    change(2, { deleting: true });
    assert.equal(await takeBack(TAKE_BACK), 0);
    assert.deepEqual(markedNames(), ['llama-1', 'llama-2']);
  });

  it('are taken back from the survivors when fewer were deleted than marked', async () => {
    const { takeBack, show, index, markedNames } = await scaledDown();
    show(3);
    index.deletePod('default', 'llama-2-decode-0-0');
    assert.equal(await takeBack(TAKE_BACK), 1);
    assert.deepEqual(markedNames(), []);
  });

  it('are left to whoever has written another cost since', async () => {
    const { takeBack, change, index } = await scaledDown();
    change(1, theirs(-7));
    assert.equal(await takeBack(TAKE_BACK), 1);
    assert.equal(index.pod('default', 'llama-1-decode-0-0')?.cost, '-7');
  });

  for (const [what, meanwhile] of [
    ['vanishes with its pod', ({ index }, group) => index.deletePod('default', `llama-${group}-decode-0-0`)],
    ['is taken off', ({ change }, group) => change(group, { ...ours(7), victim: null })],
  ] as const satisfies readonly [string, (story: Awaited<ReturnType<typeof scaledDown>>, group: number) => void][]) {
    it(`are taken back beside one that ${what} meanwhile`, async () => {
      const story = await scaledDown();
      const { fleet, config, markedNames } = story;
      const written: string[] = [];
      const watched = fleetBut(fleet, {
        write(order, deadline) {
          written.push(...[order].flat(2).map(({ carrier }) => carrier.name));
          if (written.length === 1) meanwhile(story, written[0] === 'llama-1-decode-0-0' ? 2 : 1);
          return fleet.write(order, deadline);
        },
      });
      assert.equal(await takeBackAt(NOW + TAKE_BACK, watched, config), 1);
      assert.deepEqual([written.length, markedNames()], [1, []]);
    });
  }

  it('are taken back as long as the configuration says', async () => {
    const { fleet } = await scaledDown();
    const config = configOf('steering: {takeBack: 1.5s}');
    assert.equal(await takeBackAt(NOW + 1_499, fleet, config), 0);
    assert.equal(await takeBackAt(NOW + 1_500, fleet, config), 2);
  });

  it('are taken back where the clock that marked them was ahead by so much', async () => {
    const { takeBack, change, markedNames } = await scaledDown();
    const markedIn = (milliseconds: number) => change(1, { victim: { unit: 'llama-1', since: NOW + milliseconds } });
    markedIn(TAKE_BACK - 1);
    assert.equal(await takeBack(0), 0);
    markedIn(TAKE_BACK);
    assert.equal(await takeBack(0), 1);
    assert.deepEqual(markedNames(), ['llama-2']);
  });

  it('are taken back when their workload is gone', async () => {
    const { takeBack, index } = await scaledDown();
    index.deleteWorkload(llama);
    assert.equal(await takeBack(TAKE_BACK), 2);
  });

  it('stay on a pod that is on its way out', async () => {
    const web = deployment(1, { kind: 'ReplicaSet', uid: 'uid-of-web' });
    const pods = [appsPod(web, 'a', { ...marked(-1000, 'web-a'), deleting: true }), appsPod(web, 'b', ours(21))];
    const { fleet, config } = webhook({ index: fleetOf(pods, [web]) });
    assert.equal(await takeBackAt(NOW + TAKE_BACK, fleet, config), 0);
  });

  it('of a ReplicaSet are taken back once it has the pods that it wants', async () => {
    const web = deployment(3, { kind: 'ReplicaSet', uid: 'uid-of-web' });
    const pods = ['a', 'b', 'c'].map((name) => appsPod(web, name, name === 'a' ? marked(-1000, 'web-a') : ours(21)));
    const { fleet, config, index } = webhook({ index: fleetOf(pods, [{ ...web, replicas: 2 }]) });
    assert.equal(await takeBackAt(NOW + TAKE_BACK, fleet, config), 0);
    index.putWorkload(web);
    assert.equal(await takeBackAt(NOW + TAKE_BACK, fleet, config), 1);
    assert.equal(index.pod('default', 'web-a')?.cost, '32');
  });
});
