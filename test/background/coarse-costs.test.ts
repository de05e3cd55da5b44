import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fillingInCosts } from '../../src/background/coarse-costs.ts';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import { appsPod, fleetBut, fleetOf, marked, NOW, ours, podOf, servingGroup, theirs } from '../builders/fleet.ts';
import { deployment, serving } from '../builders/workload.ts';
import { annotationsOf, type Stage, type StageOptions, stageOf } from './stage.ts';

const web = deployment(3, { kind: 'ReplicaSet', uid: 'uid-of-web' });

/** A ReplicaSet of three pods that were bound before packdown was there, two on n1 and one on n2. */
function threePods(fields: Readonly<Record<string, Partial<Pod>>> = {}): readonly Pod[] {
  return ['a', 'b', 'c'].map((name) => appsPod(web, name, { node: name === 'c' ? 'n2' : 'n1', ...fields[name] }));
}

const fill = ({ fleet, config, now, writer, pace }: Stage) => fillingInCosts(fleet, config, now, writer).run(pace);

async function filled(pods: readonly Pod[], workloads = [web], options: StageOptions = {}): Promise<Stage> {
  const stage = stageOf(fleetOf(pods, workloads), options);
  await fill(stage);
  return stage;
}

const costs = ({ index }: Stage) => [...index.pods()].map(({ cost, costOwner }) => [cost, costOwner]);

describe('filling in costs', () => {
  it('gives pods that were bound before packdown was there the binpack cost of now, with its record', async () => {
    const stage = await filled(threePods());
    // 100 · (4/64 + 32/512 + 5 · 1/8) / 7 = 10.7 for each pod on the node.
    assert.deepEqual(costs(stage), [
      ['21', '21'],
      ['21', '21'],
      ['11', '11'],
    ]);
  });

  it('writes nothing the second time', async () => {
    const stage = await filled(threePods());
    const before = annotationsOf(stage.index);
    await fill(stage);
    assert.equal(stage.writes.length, 3);
    assert.deepEqual(annotationsOf(stage.index), before);
  });

  it('leaves alone what has a cost of ours, whatever the score is by now', async () => {
    const { writes } = await filled(threePods({ a: ours(99) }));
    assert.deepEqual(
      writes.map((write) => write.split(' ')[1]),
      ['default/web-b', 'default/web-c'],
    );
  });

  it('waits for nothing where all have a cost, so that other work is not kept waiting', async () => {
    const many = { ...web, replicas: 100 };
    const stage = stageOf(
      fleetOf(
        Array.from({ length: 100 }, (_, index) => appsPod(many, index, ours(21))),
        [many],
      ),
    );
    await fill(stage);
    await stage.writer.write(() => null, stage.pace);
    assert.equal(stage.now(), NOW);
  });

  it('writes 20 a second at the most, and 500 in one run', async () => {
    const big = { ...web, replicas: 600 };
    const pods = Array.from({ length: 600 }, (_, index) => appsPod(big, index, { node: `n${index % 100}` }));
    const stage = await filled(pods, [big]);
    assert.equal(stage.writes.length, 500);
    const times = stage.writes.map((write) => Number(write.split(':')[0]));
    for (const [index, time] of times.entries())
      assert.ok(time - (times[index - 20] ?? -1000) >= 1000, `write ${index}`);
    await fill(stage);
    assert.equal(stage.writes.length, 600);
  });

  it('costs a ModelServing too, and no kind whose controller reads none', async () => {
    const llama = serving(1, { decode: 2 });
    const db = deployment(1, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
    const stage = await filled([...servingGroup(llama, 0), appsPod(db, 0), podOf('alone')], [llama, db]);
    const named = stage.writes.map((write) => write.split(' ')[1]);
    assert.deepEqual(named, ['default/llama-0-decode-0-0', 'default/llama-0-decode-1-0']);
  });

  for (const [title, pods, workload] of [
    ['another cost in the workload', threePods({ c: theirs(7) }), web],
    ['another cost that is invalid', threePods({ c: theirs('x') }), web],
    ['another cost on a pod that waits for a node', threePods({ c: { ...theirs(7), node: null } }), web],
    ['a cost that took the place of ours', threePods({ c: { cost: '7', costOwner: '21' } }), web],
    ['another cost beside it', [...threePods(), podOf('stranger', { node: 'n2', ...theirs(3) })], web],
    ['a mark', threePods({ c: marked(-1000, 'web-c') }), web],
    ['more pods than it is to have', threePods(), { ...web, replicas: 2 }],
    ['mode off', threePods(), { ...web, annotations: { 'packdown.io/steering': 'off' } }],
    ['mode observe', threePods(), { ...web, annotations: { 'packdown.io/steering': 'observe' } }],
  ] as const) {
    it(`leaves a workload alone that has ${title}`, async () => {
      assert.deepEqual((await filled(pods, [workload])).writes, []);
    });
  }

  it('leaves a ModelServing alone that is losing a group', async () => {
    const llama = serving(2, { decode: 1 });
    const pods = [0, 1].flatMap((group) => servingGroup(llama, group, () => ({ deleting: group === 0 })));
    assert.deepEqual((await filled(pods, [llama])).writes, []);
  });

  it('leaves exempt namespaces alone', async () => {
    assert.deepEqual((await filled(threePods(), [web], { config: 'exemptNamespaces: [default]' })).writes, []);
  });

  for (const [title, fields] of [
    ['is not bound', { node: null }],
    ['hangs on its way out', { deleting: true, deletingUntil: NOW - 300_000 }],
    ['hangs on its way out, marked to go', { ...marked(-1000, 'web-d'), deleting: true, deletingUntil: NOW - 300_000 }],
    ['has finished', { phase: 'Succeeded' }],
    ['has lost a cost of ours to somebody', { costOwner: '21' }],
  ] as const) {
    it(`leaves a pod alone that ${title}, and fills in the others`, async () => {
      const four = { ...web, replicas: 4 };
      const { writes } = await filled([...threePods(), appsPod(four, 'd', fields)], [four]);
      assert.deepEqual(
        writes.map((write) => write.split(' ')[1]),
        ['default/web-a', 'default/web-b', 'default/web-c'],
      );
    });
  }

  it('stops within a workload as soon as that is scaled down, and keeps nobody waiting for the rest', async () => {
    const stage = stageOf(fleetOf(threePods(), [web]));
    stage.beforeWrite = () => stage.index.putWorkload({ ...web, replicas: 2 });
    await fill(stage);
    assert.equal(stage.writes.length, 1);
    assert.equal(stage.now(), NOW);
  });

  it('leaves a pod alone that was given a cost meanwhile, and goes on where one has vanished', async () => {
    const four = { ...web, replicas: 4 };
    const stage = stageOf(fleetOf([...threePods(), appsPod(four, 'd', { node: 'n2' })], [four]));
    stage.beforeWrite = (count) => {
      if (count > 0) return;
      stage.index.putPod(appsPod(four, 'b', ours(99)));
      stage.index.putWorkload({ ...four, replicas: 3 });
      stage.index.deletePod('default', 'web-c');
    };
    await fill(stage);
    assert.deepEqual(
      [...stage.index.pods()].map(({ name, cost }) => [name, cost]),
      [
        ['web-a', '21'],
        ['web-b', '99'],
        ['web-d', '11'],
      ],
    );
  });

  it('passes over a pod whose node is not known', async () => {
    const [first, ...others] = threePods();
    assert.ok(first !== undefined);
    const index = fleetOf([{ ...first, node: 'gone' }, ...others], [web]);
    index.deleteNode('gone');
    const stage = stageOf(index);
    await fill(stage);
    assert.equal(stage.writes.length, others.length);
  });

  it('stops as soon as another replica leads', async () => {
    const stage = stageOf(fleetOf(threePods(), [web]));
    stage.beforeWrite = () => {
      stage.leads = false;
    };
    await fill(stage);
    assert.equal(stage.writes.length, 1);
  });

  it('ends a run after 50 refusals, and begins the next where it ended, so that others come to their turn', async () => {
    const workloads = Array.from({ length: 21 }, (_, index) => ({
      ...web,
      name: `w${index}`,
      uid: `uid-of-w${index}`,
    }));
    const stage = stageOf(
      fleetOf(
        workloads.flatMap((workload) => ['a', 'b', 'c'].map((name) => appsPod(workload, name, { node: 'n1' }))),
        workloads,
      ),
      {
        wrap: (fleet) =>
          fleetBut(fleet, {
            write: async (order, deadline) => {
              const isLocked = [order].flat(2).some(({ carrier }) => !carrier.name.startsWith('w20'));
              return isLocked ? ['refused'] : fleet.write(order, deadline);
            },
          }),
      },
    );
    const duty = fillingInCosts(stage.fleet, stage.config, stage.now, stage.writer);
    await duty.run(stage.pace);
    assert.deepEqual([stage.writes.length, costs(stage).some(([cost]) => cost !== null)], [51, false]);
    await duty.run(stage.pace);
    assert.deepEqual(
      costs(stage).map(([cost]) => cost !== null),
      Array.from({ length: 63 }, (_, pod) => pod >= 60),
    );
  });

  it('goes on with the next workload when a write fails, and takes up the rest in the next run', async () => {
    const api = { ...web, name: 'api', uid: 'uid-of-api' };
    const pods = [...threePods(), ...['x', 'y', 'z'].map((name) => appsPod(api, name, { node: 'n3' }))];
    let fails = true;
    const stage = stageOf(fleetOf(pods, [web, api]), {
      wrap: (fleet) =>
        fleetBut(fleet, {
          write: async (order, deadline) => {
            if (!fails) return fleet.write(order, deadline);
            fails = false;
            return ['failed'];
          },
        }),
    });
    await fill(stage);
    assert.equal(stage.writes.length, 4);
    await fill(stage);
    assert.ok(costs(stage).every(([cost]) => cost !== null));
  });
});
