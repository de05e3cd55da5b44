import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import type { Facts } from '../../src/domain/ordering/facts.ts';
import { gatherFacts } from '../../src/workloads/facts.ts';
import { findWorkload } from '../../src/workloads/scale-expression.ts';
import { appsPod, fleetOf, NOW, servingGroup } from '../builders/fleet.ts';
import { fleetOfObjects } from '../builders/object-reviews.ts';
import { roleInstance, roleInstanceSet } from '../builders/rbg-objects.ts';
import { deployment, observed, serving } from '../builders/workload.ts';

const chat = serving(3, { prefill: 1, decode: 2 }, { name: 'chat', uid: 'uid-of-chat' });
const db = deployment(3, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });

/** The facts for a change of every count by one. */
function factsOf(workload: Workload, fleet: FleetIndex): Facts {
  const roles = workload.roles.map((role) => ({ ...role, replicas: role.replicas + 1 }));
  return gatherFacts(workload, { ...workload, replicas: workload.replicas + 1, roles }, null, fleet, NOW).facts;
}

describe('what is seen of a workload’s replicas', () => {
  test('counts groups and role replicas that are there, ready, coming and going', () => {
    const pods = [
      ...servingGroup(chat, 0),
      ...servingGroup(chat, 1, () => ({ deleting: true })),
      ...servingGroup(chat, 2, ({ role, replica }) =>
        role === 'decode' && replica === 1 ? { ready: false, created: NOW - 5000 } : {},
      ),
    ];
    const { observed: seen } = factsOf(chat, fleetOf(pods, [chat]));
    assert.deepEqual(
      seen.get(null),
      observed({ wanted: 3, present: 2, ready: 1, starting: 1, deleting: 1, age: 5000 }),
    );
    assert.deepEqual(seen.get('prefill'), observed({ wanted: 2, present: 2, ready: 2 }));
    assert.deepEqual(seen.get('decode'), observed({ wanted: 4, present: 4, ready: 3, starting: 1, age: 5000 }));
  });

  test('names what is missing by its ordinal', () => {
    const pods = [...servingGroup(chat, 0), ...servingGroup(chat, 2).filter(({ name }) => !name.includes('decode-0'))];
    const { observed: seen } = factsOf(chat, fleetOf(pods, [chat]));
    assert.deepEqual(seen.get(null)?.missing, ['chat-1']);
    assert.deepEqual(seen.get('decode')?.missing, ['chat-2-decode-0']);
    const ofSet = factsOf(db, fleetOf([appsPod(db, 0), appsPod(db, 2)], [db])).observed;
    assert.deepEqual(ofSet.get(null), observed({ wanted: 3, present: 2, ready: 2, missing: ['db-1'] }));
  });

  for (const [title, fields] of [
    ['has failed', { phase: 'Failed' }],
    ['fails again and again', { restarts: 3 }],
  ] as const)
    test(`takes what ${title} for neither ready nor starting`, () => {
      const pods = [0, 1, 2].map((ordinal) => appsPod(db, ordinal, ordinal === 1 ? { ready: false, ...fields } : {}));
      const seen = factsOf(db, fleetOf(pods, [db])).observed.get(null);
      assert.deepEqual(seen, observed({ wanted: 3, present: 3, ready: 2, starting: 0 }));
    });

  test('counts pods of a ReplicaSet on their way out, which its controller does not count', () => {
    const set = deployment(2, { kind: 'ReplicaSet', name: 'web-1', uid: 'uid-of-web-1' });
    const finished = appsPod(set, 'd', { phase: 'Failed', ready: false });
    const pods = [appsPod(set, 'a'), appsPod(set, 'b'), appsPod(set, 'c', { deleting: true }), finished];
    const seen = factsOf(set, fleetOf(pods, [set])).observed.get(null);
    assert.deepEqual(seen, observed({ deleting: 1 }));
  });

  test('counts instances of a stateless RoleInstanceSet on their way out, which its controller does not count', () => {
    const set = roleInstanceSet(2);
    const instances = ['a', 'b', 'c'].flatMap((name) => roleInstance(name, 60, 'n1', undefined, name === 'c'));
    const fleet = fleetOfObjects(set, ...instances);
    const known = findWorkload('RoleInstanceSet', 'llm', 'chat-decode', fleet);
    assert.deepEqual(factsOf(known, fleet).observed.get(null), observed({ deleting: 1 }));
  });

  for (const [title, fields] of [
    ['was evicted', { deleting: true, deletingUntil: NOW + 300_000, evicted: true }],
    ['hangs on a dead node', { deleting: true, deletingUntil: NOW - 300_000 }],
  ] as const)
    test(`does not take what ${title} for part of a scale-down`, () => {
      const set = deployment(2, { kind: 'ReplicaSet', name: 'web-1', uid: 'uid-of-web-1' });
      const pods = [appsPod(set, 'a'), appsPod(set, 'b'), appsPod(set, 'c', fields)];
      assert.deepEqual(factsOf(set, fleetOf(pods, [set])).observed.get(null), observed({}));
      const ordinals = [appsPod(db, 0), appsPod(db, 1), appsPod(db, 2, fields)];
      const ofSet = factsOf(db, fleetOf(ordinals, [db])).observed.get(null);
      assert.deepEqual(ofSet, observed({ wanted: 3, present: 2, ready: 2 }));
      const groups = [0, 1, 2].flatMap((group) => servingGroup(chat, group, () => (group === 2 ? fields : {})));
      assert.equal(factsOf(chat, fleetOf(groups, [chat])).observed.get(null)?.deleting, 0);
    });

  test('does not take the rest of a group, made anew after an eviction, for part of a scale-down', () => {
    const pods = [0, 1, 2].flatMap((group) =>
      servingGroup(chat, group, ({ role }) =>
        group === 2 ? { deleting: true, ...(role === 'prefill' && { evicted: true as const }) } : {},
      ),
    );
    assert.equal(factsOf(chat, fleetOf(pods, [chat])).observed.get(null)?.deleting, 0);
  });

  test('is nothing where there is no pod, no such workload, or another one of its name', () => {
    assert.deepEqual([...factsOf(chat, fleetOf([], [chat])).observed], []);
    assert.deepEqual([...factsOf(chat, fleetOf(servingGroup(chat, 0), [])).observed], []);
    const anew = { ...chat, uid: 'uid-of-another-chat' };
    assert.deepEqual([...factsOf(chat, fleetOf(servingGroup(chat, 0), [anew])).observed], []);
  });

  test('is looked for only where it matters: what changes, and what that depends on', () => {
    const router = { replicas: 1, dependencies: ['decode'] };
    const routed = serving(3, { router, prefill: 1, decode: 2 }, { name: 'chat', uid: 'uid-of-chat' });
    const fleet = fleetOf(servingGroup(routed, 0), [routed]);
    const seenFor = (next: Workload) => [...gatherFacts(routed, next, null, fleet, NOW).facts.observed.keys()];
    assert.deepEqual(seenFor({ ...routed, replicas: 2 }), [null]);
    const roles = routed.roles.map((role) => (role.name === 'router' ? { ...role, replicas: 2 } : role));
    assert.deepEqual(seenFor({ ...routed, roles }), ['router', 'decode']);
  });

  test('is nothing for a count that nobody can look at replica by replica', () => {
    const endless = { ...db, replicas: 2_000_000_000 };
    assert.deepEqual([...factsOf(endless, fleetOf([appsPod(endless, 0)], [endless])).observed], []);
  });
});

describe('the owner', () => {
  const owner = (kind: string, name: string, uid: string) => ({ apiVersion: 'apps/v1', kind, name, uid });
  const web = deployment(4);
  const replicaSet = (
    rollout: number,
    replicas: number,
    annotations: Readonly<Record<string, string>> = {},
  ): Workload =>
    deployment(replicas, {
      kind: 'ReplicaSet',
      name: `web-${rollout}`,
      uid: `uid-of-web-${rollout}`,
      owner: owner('Deployment', 'web', web.uid),
      annotations: { 'deployment.kubernetes.io/revision': `${rollout}`, ...annotations },
    });
  const name = 'Deployment/default/web';
  const asked = (of: Workload, ...others: readonly Workload[]) => factsOf(of, fleetOf([], [web, of, ...others])).owner;

  test('asks its only ReplicaSet for all replicas', () => {
    const asks = { replicas: 4, roles: new Map() };
    const expected = { name, asks, passesZero: true };
    assert.deepEqual(asked(replicaSet(1, 4)), expected);
    assert.deepEqual(asked(replicaSet(3, 4), replicaSet(1, 0), replicaSet(2, 0)), expected);
  });

  test('cannot be told what it asks in the middle of a rollout, nor at its beginning', () => {
    const unknown = { name, asks: null, passesZero: true };
    assert.deepEqual(asked(replicaSet(2, 3), replicaSet(1, 2)), unknown);
    assert.deepEqual(asked(replicaSet(1, 2), replicaSet(2, 3)), unknown);
    assert.deepEqual(asked(replicaSet(1, 4), replicaSet(2, 0)), unknown);
  });

  test('cannot be told what it asks while its ReplicaSet was told another number than the fleet shows', () => {
    const told = (desired: string) => replicaSet(1, 4, { 'deployment.kubernetes.io/desired-replicas': desired });
    assert.equal(asked(told('8'))?.asks, null);
    assert.deepEqual(asked(told('4'))?.asks, { replicas: 4, roles: new Map() });
  });

  test('of a known kind that does not say what it asks may ask anything', () => {
    const owned = { ...web, owner: owner('StatefulSet', 'db', db.uid) };
    assert.deepEqual(factsOf(owned, fleetOf([], [owned, db])).owner, { name: 'StatefulSet/default/db', asks: null });
  });

  test('that the fleet does not show, or shows with another uid, may ask anything, and the user is told', () => {
    const set = replicaSet(1, 4);
    for (const fleet of [fleetOf([], [set]), fleetOf([], [set, { ...web, uid: 'uid-of-another-web' }])]) {
      assert.deepEqual(gatherFacts(set, { ...set, replicas: 3 }, null, fleet, NOW), {
        facts: { ...factsOf(set, fleet), owner: { name, asks: null } },
        warnings: [
          'Deployment/default/web, which owns ReplicaSet/default/web-1, is not in the fleet (yet): allowed without a look at what it asks for',
        ],
      });
    }
  });

  test('of an unknown kind, or none at all, is none', () => {
    const operator = { apiVersion: 'serving.kserve.io/v1beta1', kind: 'InferenceService', name: 'llm', uid: 'u' };
    for (const owned of [web, { ...web, owner: operator }]) {
      assert.equal(factsOf(owned, fleetOf([], [owned])).owner, null);
    }
  });
});

describe('a ModelServing', () => {
  const revision = (suffix: string, created: number, decode: number) => ({
    namespace: 'default',
    name: `chat-${suffix}`,
    owner: chat.uid,
    created,
    roles: [{ name: 'decode', replicas: decode, workers: 0 }],
  });

  test('creates groups by its newest revision', () => {
    const fleet = fleetOf([], [chat]);
    assert.equal(factsOf(chat, fleet).revision, null);
    for (const one of [revision('a', 1, 2), revision('b', 2, 4), revision('o', 0, 1)]) fleet.putRevision(one);
    fleet.putRevision({ ...revision('c', 3, 9), owner: 'uid-of-another' });
    assert.deepEqual(factsOf(chat, fleet).revision, revision('b', 2, 4));
    fleet.deleteRevision('default', 'chat-b');
    assert.deepEqual(factsOf(chat, fleet).revision, revision('a', 1, 2));
  });

  test('has HPA’s selector on its first role, and other kinds have none', () => {
    assert.equal(factsOf(chat, fleetOf([], [chat])).anchorRole, 'prefill');
    assert.equal(factsOf(db, fleetOf([], [db])).anchorRole, null);
  });
});
