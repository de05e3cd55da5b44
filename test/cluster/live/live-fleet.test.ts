import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeApi } from '../../../src/cluster/live/kube-api.ts';
import { ApiError, ClusterUnreachable } from '../../../src/cluster/live/kube-errors.ts';
import { namespacedName } from '../../../src/domain/fleet/namespaced-name.ts';
import type { Snapshot } from '../../../src/domain/fleet/snapshot.ts';
import type { JsonObject } from '../../../src/workloads/core/json.ts';
import { podObject } from '../pod-object.ts';
import { ApiServerDouble, kubeConfig } from './api-server-double.ts';
import { liveFleet, PODS, withLiveFleet } from './start-live-fleet.ts';
import { TestClock } from './test-clock.ts';
import { until } from './until.ts';
import { withFleet } from './with-fleet.ts';

const SERVINGS = '/apis/workload.serving.volcano.sh/v1alpha1/modelservings';

function podNames(snapshot: Snapshot): readonly string[] {
  return [...snapshot.pods()].map(namespacedName).sort();
}

function named(name: string, namespace?: string): JsonObject {
  return { metadata: { name, uid: `uid-of-${name}`, ...(namespace !== undefined && { namespace }) } };
}

test('start resolves when everything is listed, page by page', () =>
  withFleet(async ({ server, fleet }) => {
    server.page = 2;
    for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(PODS, podObject(name));
    server.put('/api/v1/nodes', { ...named('n1'), status: { allocatable: { cpu: '64' } } });
    server.put('/api/v1/namespaces', { metadata: { name: 'ns', annotations: { 'packdown.io/ignore': 'true' } } });
    server.put('/apis/apps/v1/deployments', { ...named('web', 'ns'), spec: { replicas: 3 } });
    assert.equal(fleet.synced, false);
    assert.equal(fleet.staleness(), null);
    await fleet.start();
    assert.equal(fleet.synced, true);
    assert.equal(fleet.staleness(), 0);
    const snapshot = fleet.snapshot();
    assert.deepEqual(podNames(snapshot), ['ns/a', 'ns/b', 'ns/c', 'ns/d', 'ns/e']);
    assert.equal(snapshot.podsOnNode('n1').length, 5);
    assert.equal(snapshot.node('n1')?.name, 'n1');
    assert.equal(snapshot.namespace('ns')?.annotations['packdown.io/ignore'], 'true');
    const key = { group: 'apps', kind: 'Deployment', namespace: 'ns', name: 'web' };
    assert.equal(snapshot.workload(key)?.replicas, 3);
    const lists = server.requests.filter(({ path, query }) => path === PODS && query.watch === undefined);
    assert.deepEqual(
      lists.map(({ query }) => query),
      [{ limit: '500' }, { limit: '500', continue: '2' }, { limit: '500', continue: '4' }],
    );
  }));

test('events change the snapshot: added, modified and deleted, for every resource', () =>
  withLiveFleet([podObject('a')], async ({ server, fleet }) => {
    const snapshot = fleet.snapshot();
    server.put(PODS, podObject('b'));
    server.put(PODS, { ...podObject('a'), status: { phase: 'Succeeded' } });
    server.put('/api/v1/nodes', { ...named('n1'), spec: { unschedulable: true } });
    server.put('/api/v1/namespaces', named('other'));
    server.put('/apis/apps/v1/replicasets', { ...named('rs', 'ns'), spec: { replicas: 2 } });
    const key = { group: 'apps', kind: 'ReplicaSet', namespace: 'ns', name: 'rs' };
    await until('all has arrived', () => {
      const seen = [snapshot.pod('ns', 'b'), snapshot.node('n1'), snapshot.namespace('other'), snapshot.workload(key)];
      return !seen.includes(undefined) && snapshot.pod('ns', 'a')?.phase === 'Succeeded';
    });
    assert.equal(snapshot.node('n1')?.unschedulable, true);

    server.remove(PODS, 'ns', 'a');
    server.remove('/api/v1/nodes', '', 'n1');
    server.remove('/api/v1/namespaces', '', 'other');
    server.remove('/apis/apps/v1/replicasets', 'ns', 'rs');
    await until('all is gone', () => {
      const seen = [snapshot.pod('ns', 'a'), snapshot.node('n1'), snapshot.namespace('other'), snapshot.workload(key)];
      return seen.every((object) => object === undefined);
    });
    assert.deepEqual(podNames(snapshot), ['ns/b']);
  }));

for (const how of ['as a status', 'as an event'] as const) {
  test(`a watch that has expired, told ${how}, is followed by a list, and what is gone from it is dropped`, () =>
    withLiveFleet([podObject('a'), podObject('b')], async ({ server, fleet, clock, log }) => {
      const nodes = '/api/v1/nodes';
      server.put(nodes, named('n1'));
      await until('the node is there', () => fleet.snapshot().node('n1') !== undefined);
      server.hold();
      server.remove(PODS, 'ns', 'a');
      server.put(PODS, podObject('c'));
      server.remove(nodes, '', 'n1');
      if (how === 'as a status') {
        server.compact();
        server.dropWatches('end');
      } else {
        const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
        for (const path of [PODS, nodes])
          server.sendRaw(path, `${JSON.stringify({ type: 'ERROR', object: status })}\n`);
      }
      server.release();
      await until('the lists are read again', () => {
        clock.advance(1000);
        return fleet.snapshot().pod('ns', 'c') !== undefined && fleet.snapshot().node('n1') === undefined;
      });
      assert.deepEqual(podNames(fleet.snapshot()), ['ns/b', 'ns/c']);
      assert.ok(
        log.every(({ level }) => level === 'info'),
        'expiry is nothing to warn of',
      );
    }));
}

test('a dropped connection is resumed where it was, without a list', () =>
  withLiveFleet([podObject('a')], async ({ server, fleet, clock }) => {
    server.put(PODS, podObject('b'));
    await until('the event has come', () => fleet.snapshot().pod('ns', 'b') !== undefined);
    const before = server.requests.length;
    server.dropWatches();
    server.put(PODS, podObject('c'));
    await until('the missed event has come', () => {
      clock.advance(1000);
      return fleet.snapshot().pod('ns', 'c') !== undefined;
    });
    const requests = server.requests.slice(before).filter(({ path }) => path === PODS);
    assert.deepEqual(
      requests.map(({ query: { watch, resourceVersion, allowWatchBookmarks } }) => [
        watch,
        resourceVersion,
        allowWatchBookmarks,
      ]),
      [['true', '102', 'true']],
    );
  }));

test('a bookmark moves the point to resume from and the time of the last event', () =>
  withLiveFleet([podObject('a')], async ({ server, fleet, clock }) => {
    const synced = clock.now();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    clock.advance(60_000);
    await until('the pods are watched', () => server.watching(PODS) === 1);
    server.bookmark(PODS);
    server.dropWatches('end');
    await until('the pods are watched from the bookmark', () => {
      const from = server.requests.filter(({ path }) => path === PODS).at(-1)?.query.resourceVersion;
      return from === '102';
    });
    assert.equal(fleet.staleness(), clock.now() - synced, 'the other watches have heard nothing since');
    for (const path of server.paths.filter((path) => path !== PODS)) server.bookmark(path);
    await until('they have, and those that are not served were looked for', () => {
      clock.advance(100);
      return clock.now() - (fleet.staleness() ?? 0) > synced + 30_000;
    });
  }));

test('a watch that keeps failing is asked less and less often, and Retry-After is honoured', () =>
  withLiveFleet([], async ({ server, fleet, clock }) => {
    const watches = () => server.requests.filter(({ path, query }) => path === PODS && query.watch === 'true').length;
    // Nothing else fails here; what is not served is looked for every 30 s.
    const pause = () => clock.sleeping().find((milliseconds) => milliseconds !== 30_000);
    await until('the pods are watched', () => server.watching(PODS) === 1);
    const fault = { method: 'GET', path: PODS, query: 'watch=true' };
    for (let times = 1; times <= 4; times += 1) server.failNext({ ...fault, how: { status: 500 } });
    server.failNext({ ...fault, how: { status: 429, headers: { 'retry-after': '77' } } });
    server.dropWatches('reset', PODS);
    for (const full of [200, 400, 800, 1600, 3200]) {
      await until('it pauses', () => pause() !== undefined);
      const milliseconds = pause() ?? 0;
      assert.ok(milliseconds >= full / 2 && milliseconds <= full, `${milliseconds} is not around ${full} ms`);
      const before = watches();
      clock.advance(milliseconds);
      await until('it asks again', () => watches() === before + 1);
    }
    await until('it pauses for as long as it was told', () => pause() === 77_000);
    server.put(PODS, podObject('a'));
    clock.advance(77_000);
    await until('it is back', () => fleet.snapshot().pod('ns', 'a') !== undefined);
  }));

test('a watch that the server ends is opened again at once, but not one that ended without a word', () =>
  withLiveFleet([], async ({ server, fleet, clock }) => {
    const watches = () => server.requests.filter(({ path, query }) => path === PODS && query.watch === 'true').length;
    const pauses = () => clock.sleeping().some((milliseconds) => milliseconds <= 200);
    server.put(PODS, podObject('a'));
    await until('the event has come', () => fleet.snapshot().pod('ns', 'a') !== undefined);
    server.dropWatches('end', PODS);
    await until('the watch is open again', () => server.watching(PODS) === 1 && watches() === 2);
    assert.equal(pauses(), false);
    server.dropWatches('end', PODS);
    await until('it pauses', pauses);
    assert.equal(watches(), 2);
    clock.advance(200);
    await until('the watch is open again', () => server.watching(PODS) === 1);
  }));

test('a resource that is not served counts as empty, and is picked up when its CRD appears', () =>
  withLiveFleet([], async ({ server, fleet, clock, log }) => {
    assert.equal(fleet.synced, true);
    server.serve(SERVINGS);
    server.put(SERVINGS, { ...named('chat', 'ns'), spec: { replicas: 4 } });
    const key = { group: 'workload.serving.volcano.sh', kind: 'ModelServing', namespace: 'ns', name: 'chat' };
    assert.equal(fleet.snapshot().workload(key), undefined);
    await until('it waits', () => clock.sleeping().includes(30_000));
    clock.advance(30_000);
    await until('the object is there', () => fleet.snapshot().workload(key) !== undefined);
    server.put(SERVINGS, { ...named('chat', 'ns'), spec: { replicas: 3 } });
    await until('it is watched', () => fleet.snapshot().workload(key)?.replicas === 3);
    assert.deepEqual(log, []);

    server.withdraw(SERVINGS);
    await until('its objects are gone with the CRD', () => {
      clock.advance(1000);
      return fleet.snapshot().workload(key) === undefined;
    });
  }));

test('an older version that serves a resource is found when the preferred one does not', () =>
  withFleet(async ({ server, fleet }) => {
    server.serve('/apis/workload.serving.volcano.sh/v1beta1/others');
    server.serve(SERVINGS);
    server.put(SERVINGS, { ...named('chat', 'ns'), spec: { replicas: 4 } });
    await fleet.start();
    assert.equal([...fleet.snapshot().workloads()][0]?.name, 'chat');
  }));

test('an object that cannot be read is logged by name and left out', () =>
  withFleet(async ({ server, fleet, log }) => {
    const broken = (name: string) => ({
      ...podObject(name),
      spec: { containers: [{ name: 'main', resources: { requests: { cpu: 'lots' } } }] },
    });
    server.put(PODS, broken('x'));
    server.put(PODS, podObject('a'));
    await fleet.start();
    server.put(PODS, broken('y'));
    server.put(PODS, podObject('b'));
    await until('the events have come', () => fleet.snapshot().pod('ns', 'b') !== undefined);
    assert.deepEqual(podNames(fleet.snapshot()), ['ns/a', 'ns/b']);
    assert.deepEqual(
      log.map(({ level, details }) => ({ level, details })),
      ['x', 'y'].map((name) => ({ level: 'warn', details: { resource: 'pods', namespace: 'ns', name } })),
    );
  }));

test('start rejects with ClusterUnreachable when nobody listens', async () => {
  const server = await ApiServerDouble.start();
  const api = new KubeApi(kubeConfig(server.url));
  await server.close();
  const { fleet } = liveFleet(api, new TestClock());
  await assert.rejects(fleet.start(), ClusterUnreachable);
  await fleet.stop();
  await api.close();
});

test('start rejects when a list is forbidden, and the fleet syncs all the same once it is allowed', () =>
  withFleet(async ({ server, clock, fleet, log }) => {
    server.failNext({ method: 'GET', path: '/api/v1/nodes', how: { status: 403 } });
    await assert.rejects(fleet.start(), (error) => error instanceof ApiError && error.status === 403);
    await until('it is in sync', () => {
      clock.advance(1000);
      return fleet.synced;
    });
    assert.deepEqual(
      log.map(({ level, details }) => ({ level, details })),
      [{ level: 'warn', details: { resource: 'nodes' } }],
    );
  }));

test('start waits for a server that is only busy', () =>
  withFleet(async ({ server, clock, fleet }) => {
    server.failNext({ method: 'GET', path: PODS, how: { status: 503 } });
    server.failNext({ method: 'GET', path: PODS, how: { status: 429, headers: { 'retry-after': '5' } } });
    const started = fleet.start();
    await until('it waits as told', () => {
      if (!clock.sleeping().includes(5000)) clock.advance(100);
      return clock.sleeping().includes(5000);
    });
    assert.equal(fleet.synced, false);
    clock.advance(5000);
    await started;
  }));

test('a list whose later page has expired is made in one answer', () =>
  withFleet(async ({ server, fleet }) => {
    server.page = 1;
    for (const name of ['a', 'b', 'c']) server.put(PODS, podObject(name));
    server.failNext({ method: 'GET', path: PODS, query: 'continue=2', how: { status: 410 } });
    await fleet.start();
    assert.deepEqual(podNames(fleet.snapshot()), ['ns/a', 'ns/b', 'ns/c']);
  }));

test('stop ends the watches and a start under way', () =>
  withFleet(async ({ server, fleet }) => {
    server.failNext({ method: 'GET', path: PODS, how: 'silent' });
    const started = assert.rejects(fleet.start(), { name: 'AbortError' });
    await until('the nodes are watched', () => server.watching('/api/v1/nodes') === 1);
    await fleet.stop();
    await started;
    await until('nothing is watched any more', () => server.watching('/api/v1/nodes') === 0);
  }));
