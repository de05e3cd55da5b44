import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ordinalAfter, ordinalOf } from '../../src/workloads/core/ordinals.ts';
import { podsUnder } from '../../src/workloads/owned-pods.ts';
import { workloadsAbove } from '../../src/workloads/owners-above.ts';
import { fleetOf, podOf } from '../builders/fleet.ts';
import { fleetOfObjects } from '../builders/object-reviews.ts';
import { objectOf, podObject, uidOf } from '../builders/objects.ts';
import { deployment } from '../builders/workload.ts';

describe('the pods under an object', () => {
  const owner = (kind: string, name: string, uid: string) => ({ apiVersion: 'v1', kind, name, uid });

  test('are its own and those of what it owns, pods included', () => {
    const leaders = deployment(1, {
      kind: 'StatefulSet',
      name: 'l',
      uid: 'leaders',
      owner: owner('LeaderWorkerSet', 's', 'set'),
    });
    const workers = deployment(1, {
      kind: 'StatefulSet',
      name: 'w',
      uid: 'workers',
      owner: owner('Pod', 'leader', 'uid-of-leader'),
    });
    const pods = [
      podOf('leader', { controller: owner('StatefulSet', 'l', 'leaders') }),
      podOf('worker', { controller: owner('StatefulSet', 'w', 'workers') }),
      podOf('other'),
    ];
    const fleet = fleetOf(pods, [leaders, workers]);
    assert.deepEqual(
      podsUnder('set', fleet).map(({ name }) => name),
      ['leader', 'worker'],
    );
    assert.deepEqual(podsUnder('', fleet), [], 'nobody owns what has no owner');
  });

  test('and the owners of one are found though owner references lead on and on', () => {
    const link = (n: number) => ({ kind: 'StatefulSet', name: `s${n}`, uid: `s${n}` });
    const chain = Array.from({ length: 10_000 }, (_, n) =>
      deployment(1, { ...link(n), owner: { apiVersion: 'apps/v1', ...link(n + 1) } }),
    );
    const pod = podOf('p', { controller: { apiVersion: 'apps/v1', ...link(2) } });
    const fleet = fleetOf([pod], chain);
    const above = workloadsAbove([pod], fleet).map(({ name }) => name);
    assert.deepEqual([above.length, above.slice(0, 2)], [20, ['s2', 's3']]);
    assert.deepEqual(podsUnder('s9', fleet), [pod]);
    assert.deepEqual(podsUnder('s9999', fleet), []);
  });

  test('are found though owner references lead in a circle', () => {
    const [a, b] = ['a', 'b'].map((uid) => podOf(uid, { uid, controller: owner('Pod', uid, uid === 'a' ? 'b' : 'a') }));
    assert.ok(a !== undefined && b !== undefined);
    assert.deepEqual(
      podsUnder('a', fleetOf([a, b])).map(({ name }) => name),
      ['b', 'a'],
    );
  });
});

describe('a fleet file', () => {
  const lws = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', { spec: { replicas: 1 } });
  const leaders = objectOf('apps/v1', 'StatefulSet', 'chat', { owner: lws });
  const labels = { 'leaderworkerset.sigs.k8s.io/name': 'chat', 'leaderworkerset.sigs.k8s.io/group-index': '0' };
  const pod = podObject('chat-0', { owner: leaders, labels });

  test('that leaves out what is between a pod and its workload has the workload told by labels', () => {
    assert.deepEqual(
      podsUnder(lws.metadata.uid, fleetOfObjects(lws, pod)).map(({ name }) => name),
      ['chat-0'],
    );
    const whole = fleetOfObjects(lws, leaders, pod);
    assert.equal(whole.pod('llm', 'chat-0')?.controller?.uid, uidOf('StatefulSet', 'chat'));
    assert.deepEqual(
      podsUnder(lws.metadata.uid, whole).map(({ name }) => name),
      ['chat-0'],
    );
  });

  test('without uids has pods told by the names of RoleInstances', () => {
    const bare = (kind: string, name: string, owner?: object, api = 'workloads.x-k8s.io/v1alpha2') => ({
      apiVersion: api,
      kind,
      metadata: { name, ...(owner && { ownerReferences: [{ ...owner, controller: true }] }) },
      spec: {},
    });
    const set = { apiVersion: 'workloads.x-k8s.io/v1alpha2', kind: 'RoleInstanceSet', name: 's' };
    const instance = { apiVersion: 'workloads.x-k8s.io/v1alpha2', kind: 'RoleInstance', name: 'i' };
    const fleet = fleetOfObjects(
      bare('Pod', 'p', instance, 'v1'),
      bare('RoleInstance', 'i', set),
      bare('RoleInstanceSet', 's'),
    );
    const [known] = fleet.workloads();
    assert.deepEqual(
      podsUnder(known?.uid ?? '', fleet).map(({ name }) => name),
      ['p'],
    );
  });
});

test('an ordinal is digits and nothing else', () => {
  assert.deepEqual(['0', '12', '-1', '1a', '', ' 1', undefined].map(ordinalOf), [0, 12, -1, -1, -1, -1, -1]);
  assert.deepEqual(
    ['ms-12', 'ms', 'msx-1', 'ms-1-0'].map((name) => ordinalAfter('ms', name)),
    [12, -1, -1, -1],
  );
});
