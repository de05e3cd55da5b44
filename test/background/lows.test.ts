import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rememberingLows } from '../../src/background/lows.ts';
import { MemoryLows } from '../../src/cluster/embedded/memory-lows.ts';
import { lowestSeen } from '../../src/domain/fleet/lows.ts';
import { roleId, workloadId } from '../../src/domain/fleet/workload.ts';
import { fleetOf, NOW } from '../builders/fleet.ts';
import { deployment, serving } from '../builders/workload.ts';
import { stageOf } from './stage.ts';

const MINUTE = 60_000;
const QUARTER = 6 * 60 * MINUTE;
const web = deployment(10);

describe('remembering lows', () => {
  it('keeps the lowest count between two writes, of each quarter of a day', async () => {
    const { fleet, now, pace, wait, index } = stageOf(fleetOf([], [web]));
    const store = new MemoryLows();
    const duty = rememberingLows(fleet, store, now);
    for (const replicas of [10, 4, 10, 10]) {
      index.putWorkload({ ...web, replicas });
      await duty.run(pace);
      await wait(8 * MINUTE);
    }
    const first = Math.floor(NOW / QUARTER);
    assert.deepEqual(store.current(), new Map([[first, new Map([[workloadId(web), 4]])]]));
    for (const later of [1, 2, 3, 4, 5]) {
      await wait(QUARTER);
      await duty.run(pace);
      assert.equal(
        store
          .current()
          ?.get(first + later)
          ?.get(workloadId(web)),
        10,
      );
    }
    const lowestNow = () => lowestSeen(store.current() ?? new Map(), workloadId(web), now());
    assert.equal(lowestNow(), 10, 'of this time yesterday');
    await wait(-QUARTER);
    assert.equal(lowestNow(), null, 'the first quarter was not whole');
  });

  it('leaves what was seen as it is where the clock of this replica is days behind', async () => {
    const { fleet, now, pace, wait } = stageOf(fleetOf([], [web]));
    const store = new MemoryLows();
    const duty = rememberingLows(fleet, store, now);
    for (let quarter = 0; quarter < 8; quarter += 1) {
      await duty.run(pace);
      await wait(QUARTER);
    }
    const kept = store.current();
    const behind = rememberingLows(fleet, store, () => now() - 10 * 4 * QUARTER);
    await assert.rejects(behind.run(pace), { code: 'ClockBehind', message: /packdown-lows/ });
    assert.deepEqual(store.current(), kept);
    const hours = rememberingLows(fleet, store, () => now() - 2 * QUARTER);
    await hours.run(pace);
    assert.equal(store.current()?.size, 7, 'a few quarters that a clock was ahead are forgotten');
  });

  it('writes once in a quarter of an hour at most', async () => {
    const { fleet, now, pace, wait, index } = stageOf(fleetOf([], [web]));
    const store = new MemoryLows();
    let writes = 0;
    const counting = {
      current: () => store.current(),
      publish: async (lows: Parameters<MemoryLows['publish']>[0]) => {
        writes += 1;
        return store.publish(lows);
      },
    };
    const duty = rememberingLows(fleet, counting, now);
    for (let minute = 0; minute < 60; minute += 1) {
      index.putWorkload({ ...web, replicas: 100 - minute });
      await duty.run(pace);
      await wait(MINUTE);
    }
    assert.equal(writes, 4);
  });

  it('writes again a minute later what was not taken', async () => {
    const { fleet, now, pace, wait } = stageOf(fleetOf([], [web]));
    const taken = [false, false, true];
    const written: number[] = [];
    const store = {
      current: () => null,
      publish: async () => {
        written.push(now() - NOW);
        return taken.shift() ?? true;
      },
    };
    const duty = rememberingLows(fleet, store, now);
    for (let minute = 0; minute < 10; minute += 1) {
      await duty.run(pace);
      await wait(MINUTE);
    }
    assert.deepEqual(written, [0, MINUTE, 2 * MINUTE]);
  });

  it('goes on with what another leader has written', async () => {
    const { fleet, now, pace } = stageOf(fleetOf([], [web]));
    const store = new MemoryLows();
    const quarter = Math.floor(NOW / QUARTER);
    await store.publish(new Map([[quarter, new Map([[workloadId(web), 2]])]]));
    await rememberingLows(fleet, store, now).run(pace);
    assert.equal(store.current()?.get(quarter)?.get(workloadId(web)), 2);
  });

  it('remembers the counts of roles too, which are scaled by themselves', async () => {
    const chat = serving(3, { prefill: 1, decode: 4 });
    const { fleet, now, pace } = stageOf(fleetOf([], [chat]));
    const store = new MemoryLows();
    await rememberingLows(fleet, store, now).run(pace);
    const counts: readonly (readonly [string, number])[] = [
      [workloadId(chat), 3],
      [roleId(chat, 'prefill'), 1],
      [roleId(chat, 'decode'), 4],
    ];
    assert.deepEqual([...(store.current()?.values() ?? [])], [new Map(counts)]);
  });

  it('remembers no counts of roles that have objects of their own', async () => {
    const fields = { group: 'workloads.x-k8s.io', kind: 'RoleBasedGroup' };
    const { fleet, now, pace } = stageOf(fleetOf([], [serving(1, { prefill: 1, decode: 4 }, fields)]));
    const store = new MemoryLows();
    await rememberingLows(fleet, store, now).run(pace);
    const [lows] = [...(store.current()?.values() ?? [])];
    assert.deepEqual([...(lows?.values() ?? [])], [1]);
  });

  it('remembers none at all and 100,000, which may be meant, and no more, which is a slip', async () => {
    const counts = [0, 100_000, 100_001, -1];
    const workloads = counts.map((replicas) => deployment(replicas, { name: `w${replicas}`, uid: `uid-${replicas}` }));
    const { fleet, now, pace } = stageOf(fleetOf([], workloads));
    const store = new MemoryLows();
    await rememberingLows(fleet, store, now).run(pace);
    assert.deepEqual(
      [...(store.current()?.values() ?? [])].flatMap((lows) => [...lows.values()]),
      [0, 100_000],
    );
  });

  it('looks at what is scaled, not at the ReplicaSets of somebody or the workers of a leader, and at no count that is no number', async () => {
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: web.uid };
    const replicaSet = deployment(0, { kind: 'ReplicaSet', name: 'web-1', uid: 'uid-of-web-1', owner });
    const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'argo', uid: 'uid-of-argo' };
    const rolled = deployment(0, { kind: 'ReplicaSet', name: 'argo-1', uid: 'uid-of-argo-1', owner: rollout });
    const odd = deployment(Number.NaN, { name: 'odd', uid: 'uid-of-odd' });
    const leader = { apiVersion: 'v1', kind: 'Pod', name: 'lws-0', uid: 'uid-of-lws-0' };
    const workers = deployment(4, { kind: 'StatefulSet', name: 'lws-0', uid: 'uid-of-lws-0-workers', owner: leader });
    const { fleet, now, pace } = stageOf(fleetOf([], [web, replicaSet, rolled, workers, odd]));
    const store = new MemoryLows();
    await rememberingLows(fleet, store, now).run(pace);
    assert.deepEqual([...(store.current()?.values() ?? [])], [new Map([[workloadId(web), 10]])]);
  });
});
