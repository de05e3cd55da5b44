import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cleanUp } from '../../src/background/clean-up.ts';
import type { Fleet, WriteOutcome } from '../../src/domain/fleet/fleet.ts';
import type { CostCarrier } from '../../src/domain/fleet/instance.ts';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import { appsPod, fleetBut, fleetOf, marked, NOW, ours, podOf, theirs } from '../builders/fleet.ts';
import { deployment } from '../builders/workload.ts';
import { annotationsOf, type StageOptions, stageOf } from './stage.ts';

const web = deployment(2, { kind: 'ReplicaSet', uid: 'uid-of-web' });
const pods: readonly Pod[] = [
  appsPod(web, 'a', ours(21)),
  appsPod(web, 'b', marked(0, 'web-b')),
  podOf('theirs', theirs(7)),
  podOf('taken', { cost: '5', costOwner: '4' }),
  podOf('record', { costOwner: '4' }),
  podOf('plain'),
];
const CLEAN = {
  'default/web-a': [null, null, null],
  'default/web-b': [null, null, null],
  'default/theirs': ['7', null, null],
  'default/taken': ['5', null, null],
  'default/record': [null, null, null],
  'default/plain': [null, null, null],
};

const touchedPods = (count: number) => Array.from({ length: count }, (_, index) => podOf(`p${index}`, ours(index)));
const stageWith = (workload = web, options: StageOptions = {}) => stageOf(fleetOf(pods, [workload]), options);

/** A fleet whose writes fail while `fails` says so of the pod. */
function failing(fails: (pod: CostCarrier) => WriteOutcome | null): (fleet: Fleet) => Fleet {
  return (fleet) =>
    fleetBut(fleet, {
      write: async (order, deadline) => {
        const [write] = [order].flat(2);
        const outcome = write === undefined ? null : fails(write.carrier);
        return outcome === null ? fleet.write(order, deadline) : [outcome];
      },
    });
}

describe('cleaning up', () => {
  it('takes off everything that packdown wrote, whatever the mode, and leaves the rest as it is', async () => {
    for (const config of ['', 'mode: off', 'exemptNamespaces: [default]']) {
      const stage = stageWith(web, { config });
      assert.deepEqual(await cleanUp(stage), { cleaned: 4, left: [] });
      assert.deepEqual(annotationsOf(stage.index), CLEAN);
      assert.deepEqual(await cleanUp(stage), { cleaned: 0, left: [] });
    }
  });

  it('writes 50 a second at the most', async () => {
    const stage = stageOf(fleetOf(touchedPods(101)));
    await cleanUp(stage);
    assert.deepEqual(
      [0, 50, 100].map((index) => stage.writes[index]?.split(':')[0]),
      ['0', '1000', '2000'],
    );
  });

  it('tries anew what changed in between, and what is written while it runs', async () => {
    const stage = stageWith();
    let changes = 0;
    stage.beforeWrite = () => {
      changes += 1;
      if (changes === 1) stage.index.putPod(appsPod(web, 'a', ours(22)));
      if (changes === 3) stage.index.putPod(podOf('plain', ours(9)));
    };
    assert.deepEqual(await cleanUp(stage), { cleaned: 5, left: [] });
    assert.deepEqual(annotationsOf(stage.index), CLEAN);
  });

  it('goes on where a pod vanishes meanwhile', async () => {
    const stage = stageWith();
    stage.beforeWrite = () => stage.index.deletePod('default', 'web-b');
    assert.deepEqual(await cleanUp(stage), { cleaned: 3, left: [] });
  });

  it('leaves a scale-down that is in progress the costs that decide it until it is over', async () => {
    const stage = stageWith({ ...web, replicas: 1 });
    const { wait } = stage;
    const ends = NOW + 30_000;
    const watched = {
      ...stage,
      wait: async (milliseconds: number) => {
        await wait(milliseconds);
        if (stage.now() < ends) assert.equal(stage.index.pod('default', 'web-b')?.cost, '0');
        else stage.index.deletePod('default', 'web-b');
      },
    };
    assert.deepEqual(await cleanUp(watched), { cleaned: 3, left: [] });
    assert.equal(stage.index.pod('default', 'web-a')?.cost, null);
  });

  it('does not wait for ever for a scale-down that does not end', async () => {
    const stage = stageWith({ ...web, replicas: 1 });
    assert.deepEqual(await cleanUp(stage), { cleaned: 4, left: [] });
    assert.ok(stage.now() - NOW >= 60_000 && stage.now() - NOW < 70_000);
  });

  it('gives up on what cannot be written, names it, and has cleaned the others', async () => {
    const stage = stageWith(web, { wrap: failing(({ name }) => (name === 'web-a' ? 'failed' : null)) });
    assert.deepEqual(await cleanUp(stage), { cleaned: 3, left: ['default/web-a'] });
  });

  it('gives up on what cannot be written though others are refused in between', async () => {
    const outcomes: Readonly<Record<string, WriteOutcome>> = { 'web-a': 'failed', 'web-b': 'refused' };
    const stage = stageWith(web, { wrap: failing(({ name }) => outcomes[name] ?? null) });
    stage.beforeWrite = (count) => assert.ok(count < 100, 'it goes on for ever');
    assert.deepEqual(await cleanUp(stage), { cleaned: 2, left: ['default/web-a', 'default/web-b'] });
  });

  it('gives up soon when nothing can be written', async () => {
    const stage = stageOf(fleetOf(touchedPods(1000)), { wrap: failing(() => 'failed') });
    const { cleaned, left } = await cleanUp(stage);
    assert.deepEqual([cleaned, left.length, stage.writes.length], [0, 1000, 5]);
  });

  it('leaves those that are refused, though they come first, and cleans all others', async () => {
    const stage = stageOf(fleetOf(touchedPods(50)), {
      wrap: failing(({ name }) => (Number(name.slice(1)) < 20 ? 'refused' : null)),
    });
    const { cleaned, left } = await cleanUp(stage);
    assert.deepEqual([cleaned, left.length, stage.writes.length], [30, 20, 70]);
  });

  it('gives up soon when all are refused', async () => {
    const stage = stageOf(fleetOf(touchedPods(1000)), { wrap: failing(() => 'refused') });
    const { cleaned, left } = await cleanUp(stage);
    assert.deepEqual([cleaned, left.length, stage.writes.length], [0, 1000, 100]);
  });

  it('waits for a scale-down that is in progress, though all else is refused', async () => {
    const stage = stageWith(
      { ...web, replicas: 1 },
      { wrap: failing(({ name }) => (name === 'theirs' || name === 'taken' || name === 'record' ? 'refused' : null)) },
    );
    const { cleaned, left } = await cleanUp(stage);
    assert.deepEqual([cleaned, left], [2, ['default/taken', 'default/record']]);
  });

  it('gets over failures that pass', async () => {
    let failures = 4;
    const fails = () => {
      failures -= 1;
      return failures >= 0 ? 'failed' : null;
    };
    const stage = stageWith(web, { wrap: failing(fails) });
    assert.deepEqual(await cleanUp(stage), { cleaned: 4, left: [] });
  });
});
