import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { removingWhatIsSwitchedOff } from '../../src/background/switched-off.ts';
import type { CostCarrier } from '../../src/domain/fleet/instance.ts';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { appsPod, fleetBut, fleetOf, marked, NOW, ours, podOf, theirs } from '../builders/fleet.ts';
import { deployment } from '../builders/workload.ts';
import { annotationsOf, type Stage, stageOf } from './stage.ts';

const web = deployment(3, { kind: 'ReplicaSet', uid: 'uid-of-web' });
const off: Workload = { ...web, annotations: { 'packdown.io/steering': 'off' } };
/** One with our cost, one with our cost and mark, one with somebody else's. */
const pods: readonly Pod[] = [
  appsPod(web, 'a', ours(21)),
  appsPod(web, 'b', marked(0, 'web-b')),
  appsPod(web, 'c', theirs(7)),
];
const CLEAN = {
  'default/web-a': [null, null, null],
  'default/web-b': [null, null, null],
  'default/web-c': ['7', null, null],
};

async function remove(stage: Stage): Promise<Stage> {
  const { fleet, config, now, writer, pace } = stage;
  await removingWhatIsSwitchedOff(fleet, config, now, writer).run(pace);
  return stage;
}

async function removedFrom(workload: Workload, config = '', more: readonly Pod[] = []): Promise<Stage> {
  return remove(stageOf(fleetOf([...pods, ...more], [workload]), { config }));
}

describe('where steering is switched off', () => {
  for (const [title, workload, config] of [
    ['for the workload', off, ''],
    ['for the workload, to observe', { ...web, annotations: { 'packdown.io/steering': 'observe' } }, ''],
    ['for the installation', web, 'mode: off'],
    ['for the installation, to observe', web, 'mode: observe'],
    ['with its namespace, which is exempt', web, 'exemptNamespaces: [default]'],
  ] as const) {
    it(`what we wrote is removed, and only that: ${title}`, async () => {
      const stage = await removedFrom(workload, config);
      assert.deepEqual(annotationsOf(stage.index), CLEAN);
      await remove(stage);
      assert.equal(stage.writes.length, 2);
    });
  }

  it('by an annotation of the namespace, it is removed too', async () => {
    const index = fleetOf(pods, [web]);
    index.putNamespace({ name: 'default', labels: {}, annotations: { 'packdown.io/steering': 'off' } });
    assert.deepEqual(annotationsOf((await remove(stageOf(index))).index), CLEAN);
  });

  it('by an annotation of the Deployment, it is removed from the pods of its ReplicaSet', async () => {
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop', uid: 'uid-of-shop' };
    const shop = deployment(3, { name: 'shop', uid: owner.uid, annotations: off.annotations });
    const stage = await remove(stageOf(fleetOf(pods, [shop, { ...web, owner }])));
    assert.deepEqual(annotationsOf(stage.index), CLEAN);
  });

  it('for nobody, nothing is removed', async () => {
    assert.deepEqual((await removedFrom(web)).writes, []);
  });

  it('for one workload, another keeps its costs', async () => {
    const api = { ...web, name: 'api', uid: 'uid-of-api' };
    const index = fleetOf([...pods, appsPod(api, 'x', ours(5))], [off, api]);
    const stage = await remove(stageOf(index));
    assert.deepEqual(annotationsOf(index), { ...CLEAN, 'default/api-x': ['5', '5', null] });
    assert.equal(stage.writes.length, 2);
  });

  it('for the installation, pods without a workload that is known lose theirs too', async () => {
    const orphan = podOf('orphan', ours(3));
    const { index } = await removedFrom(web, 'mode: off', [orphan]);
    assert.deepEqual(annotationsOf(index), { ...CLEAN, 'default/orphan': [null, null, null] });
  });

  it('our record goes from beside a cost that somebody else has written since', async () => {
    const { index } = await removedFrom(off, '', [appsPod(web, 'd', { cost: '5', costOwner: '4', deleting: true })]);
    assert.deepEqual(annotationsOf(index)['default/web-d'], ['5', null, null]);
  });

  it('nothing is removed in the middle of a scale-down, which the costs decide', async () => {
    const stage = await removedFrom({ ...off, replicas: 2 });
    assert.deepEqual(stage.writes, []);
    stage.index.deletePod('default', 'web-b');
    await remove(stage);
    assert.deepEqual(annotationsOf(stage.index)['default/web-a'], [null, null, null]);
  });

  it('20 are removed in a second at the most', async () => {
    const many = Array.from({ length: 41 }, (_, index) => appsPod(web, index, ours(index)));
    const stage = await remove(stageOf(fleetOf(many, [{ ...off, replicas: 41 }])));
    assert.deepEqual(stage.writes.at(20)?.split(':')[0], '1000');
    assert.deepEqual(stage.writes.at(40)?.split(':')[0], '2000');
  });

  it('no time is lost on others: 41 take two seconds', async () => {
    const many = Array.from({ length: 82 }, (_, index) => appsPod(web, index, index < 41 ? ours(index) : {}));
    const api = { ...web, name: 'api', uid: 'uid-of-api', replicas: 41 };
    const steered = Array.from({ length: 41 }, (_, index) => appsPod(api, index, ours(index)));
    const stage = await remove(stageOf(fleetOf([...many, ...steered], [{ ...off, replicas: 82 }, api])));
    assert.deepEqual([stage.writes.length, stage.now() - NOW], [41, 2000]);
  });

  it('nothing is written once another replica has come to lead while a write waited for its turn', async () => {
    const stage = stageOf(fleetOf(pods, [off]));
    const { fleet, config, now, writer, pace, wait } = stage;
    const losing = {
      ...pace,
      wait: async (milliseconds: number) => {
        stage.leads = false;
        await wait(milliseconds);
      },
    };
    await removingWhatIsSwitchedOff(fleet, config, now, writer).run(losing);
    assert.equal(stage.writes.length, 1, 'the first, which did not have to wait');
  });

  it('one that is refused is tried after all others, which are not kept waiting', async () => {
    const many = Array.from({ length: 9 }, (_, index) => appsPod(web, index, ours(index)));
    const refuses = ({ name }: CostCarrier) => /[0-5]$/.test(name);
    const stage = stageOf(fleetOf(many, [{ ...off, replicas: 9 }]), {
      wrap: (fleet) =>
        fleetBut(fleet, {
          write: async (order, deadline) =>
            [order].flat(2).some(({ carrier }) => refuses(carrier)) ? ['refused'] : fleet.write(order, deadline),
        }),
    });
    await remove(stage);
    assert.equal(stage.writes.length, 5, 'so many in a row that the next would be refused as well');
    await remove(stage);
    const left = [...stage.index.pods()].filter(({ cost }) => cost !== null);
    assert.deepEqual(
      left.map(({ name }) => name).sort(),
      many.filter(refuses).map(({ name }) => name),
    );
  });

  it('it stops when it is switched on again, or another replica leads', async () => {
    const on = stageOf(fleetOf(pods, [off]));
    on.beforeWrite = () => on.index.putWorkload(web);
    assert.equal((await remove(on)).writes.length, 1);
    const follower = stageOf(fleetOf(pods, [off]));
    follower.beforeWrite = () => {
      follower.leads = false;
    };
    assert.equal((await remove(follower)).writes.length, 1);
  });
});
