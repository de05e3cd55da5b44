import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveFleet } from '../../../src/cluster/live/live-fleet.ts';
import type { JsonObject } from '../../../src/workloads/core/json.ts';
import { podObject } from '../pod-object.ts';
import type { ApiServerDouble } from './api-server-double.ts';
import { PODS } from './start-live-fleet.ts';
import { until } from './until.ts';
import { withFleet } from './with-fleet.ts';

const GROUP = '/apis/workload.serving.volcano.sh';
const SERVINGS = `${GROUP}/v1alpha1/modelservings`;
const CHAT = { group: 'workload.serving.volcano.sh', kind: 'ModelServing', namespace: 'ns', name: 'chat' };

function serving(replicas: number): JsonObject {
  return { metadata: { namespace: 'ns', name: 'chat', uid: 'uid-of-chat' }, spec: { replicas } };
}

function knowledge(fleet: LiveFleet, resource: string): string | undefined {
  return fleet.resources().find(({ name }) => name === resource)?.knowledge;
}

function errorEvent(code: number, reason: string): string {
  return `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, reason, message: 'as the test wants it' } })}\n`;
}

const watchFault = { method: 'GET', path: PODS, query: 'watch=true' };
const listFault = { method: 'GET', path: PODS, query: 'limit=' };

/** What happens while the pods are watched, when one of them changes at the same moment. */
const TROUBLES: Readonly<Record<string, (server: ApiServerDouble) => void>> = {
  'the connection is reset': (server) => server.dropWatches('reset', PODS),
  'the server ends the watch': (server) => server.dropWatches('end', PODS),
  'half a line is the last of a lost connection': (server) => {
    server.sendRaw(PODS, '{"type":"ADDED","object":{"metadata":{"na');
    server.dropWatches('reset', PODS);
  },
  'half a line is the last of a watch that ends': (server) => {
    server.sendRaw(PODS, '{"type":"ADDED","object":{"metadata":{"na');
    server.dropWatches('end', PODS);
  },
  'a line is no JSON': (server) => server.sendRaw(PODS, 'upstream connect error\n'),
  'an event is of no known type': (server) => server.sendRaw(PODS, '{"type":"NEWS","object":{}}\n'),
  'an event is an internal error': (server) => server.sendRaw(PODS, errorEvent(500, 'InternalError')),
  'an event is a timeout': (server) => server.sendRaw(PODS, errorEvent(504, 'Timeout')),
  'an event says that the version is too old': (server) => server.sendRaw(PODS, errorEvent(410, 'Expired')),
  'an object has no metadata that could be read': (server) =>
    server.sendRaw(PODS, '{"type":"MODIFIED","object":{"metadata":"none"}}\n'),
  'the apiserver is overloaded when it is asked again': (server) => {
    for (let times = 0; times < 5; times += 1) server.failNext({ ...watchFault, how: { status: 429 } });
    server.dropWatches('reset', PODS);
  },
  'the apiserver fails when it is asked again': (server) => {
    for (const status of [500, 502, 503, 504]) server.failNext({ ...watchFault, how: { status } });
    server.dropWatches('reset', PODS);
  },
  'the connection breaks when it is asked again': (server) => {
    for (let times = 0; times < 3; times += 1) server.failNext({ ...watchFault, how: 'lost' });
    server.dropWatches('reset', PODS);
  },
  'the version is too old, and the list fails on its second page': (server) => {
    server.page = 1;
    server.failNext({ method: 'GET', path: PODS, query: 'continue=1', how: { status: 503 } });
    server.failNext({ method: 'GET', path: PODS, query: 'continue=1', how: { status: 410 } });
    server.compact();
    server.dropWatches('end', PODS);
  },
  'the version is too old, and the list is refused in a storm': (server) => {
    for (const status of [429, 500, 503]) server.failNext({ ...listFault, how: { status } });
    server.compact();
    server.dropWatches('end', PODS);
  },
};

for (const [trouble, cause] of Object.entries(TROUBLES)) {
  test(`nothing is missed when ${trouble}, and nothing is logged as an error`, () =>
    withFleet(async ({ server, fleet, log, eventually }) => {
      server.put(PODS, podObject('stays'));
      server.put(PODS, podObject('goes'));
      await fleet.start();
      await until('the pods are watched', () => server.watching(PODS) === 1);
      server.hold();
      cause(server);
      server.remove(PODS, 'ns', 'goes');
      server.put(PODS, podObject('comes'));
      server.release();
      await eventually('the fleet is as the cluster is', () => {
        const names = [...fleet.snapshot().pods()].map(({ name }) => name);
        return names.includes('comes') && !names.includes('goes');
      });
      assert.equal(fleet.snapshot().pod('ns', 'stays')?.name, 'stays');
      assert.equal(fleet.synced, true);
      server.put(PODS, podObject('later'));
      await eventually('it watches again', () => fleet.snapshot().pod('ns', 'later') !== undefined);
      for (const { message } of log) assert.doesNotMatch(message, /upstream|s3cret/);
    }));
}

test('a watch that never succeeds, as after a restore of etcd to older versions, is followed by a list', () =>
  withFleet(async ({ server, fleet, eventually }) => {
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    const lists = () => server.requests.filter(({ path, query }) => path === PODS && query.watch === undefined).length;
    const before = lists();
    for (let times = 0; times < 100; times += 1) server.failNext({ ...watchFault, how: { status: 504 } });
    server.dropWatches('reset', PODS);
    server.put(PODS, podObject('a'));
    await eventually('the list shows it', () => fleet.snapshot().pod('ns', 'a') !== undefined);
    assert.equal(lists(), before + 1);
  }));

test('a watch that stays open but says nothing is warned of, and resumed where it was without a list', () =>
  withFleet(async ({ server, fleet, log, eventually }) => {
    server.put(PODS, podObject('a'));
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    server.hold();
    server.put(PODS, podObject('b'));
    const before = server.requests.length;
    const watches = () => server.requests.slice(before).filter(({ path }) => path === PODS);
    await eventually('it is opened anew', () => watches().length > 0);
    server.release();
    await eventually('what happened meanwhile is there', () => fleet.snapshot().pod('ns', 'b') !== undefined);
    assert.equal(watches()[0]?.query.watch, 'true');
    assert.equal(watches()[0]?.query.resourceVersion, '101');
    const warnings = log.filter(({ message }) => message.includes('gone quiet'));
    assert.ok(
      warnings.some(({ level, details }) => level === 'warn' && 'resource' in details && details.resource === 'pods'),
    );
  }, 1000));

test('a watch that was lost and says nothing when it is opened anew, as after a restore of etcd, is followed by a list', () =>
  withFleet(async ({ server, fleet, eventually }) => {
    server.put(PODS, podObject('a'));
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    const before = server.requests.length;
    server.restore();
    server.put(PODS, podObject('b'));
    server.dropWatches('reset', PODS);
    await eventually('the list shows it', () => fleet.snapshot().pod('ns', 'b') !== undefined);
    const asked = server.requests.slice(before).filter(({ path }) => path === PODS);
    const upToList = asked.slice(
      0,
      asked.findIndex(({ query }) => query.watch === undefined),
    );
    assert.deepEqual(
      upToList.map(({ query }) => query.resourceVersion),
      ['101'],
    );
  }, 200));

test('a problem that comes again and again is logged once, and once that it is over', () =>
  withFleet(async ({ server, fleet, log, eventually }) => {
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    const before = server.requests.length;
    for (let times = 0; times < 6; times += 1) server.failNext({ ...watchFault, how: { status: 503 } });
    server.dropWatches('end', PODS);
    const attempts = () => server.requests.slice(before).filter(({ query }) => query.watch === 'true').length;
    await eventually('it has tried often', () => attempts() >= 7 && server.watching(PODS) === 1);
    server.put(PODS, podObject('a'));
    await eventually('it is back', () => fleet.snapshot().pod('ns', 'a') !== undefined);
    const lines = log.map(({ level, message }) => `${level}: ${message}`);
    assert.deepEqual(lines, [
      'warn: the Kubernetes API answered GET /api/v1/pods with 503 Injected: as the test wants it',
      'info: is heard of again',
    ]);
  }));

test('two problems that take turns are logged once each', () =>
  withFleet(async ({ server, fleet, log, eventually }) => {
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    for (const status of [503, 500, 503, 500, 503, 500]) server.failNext({ ...watchFault, how: { status } });
    server.dropWatches('end', PODS);
    await eventually('it is watched again', () => server.watching(PODS) === 1);
    server.put(PODS, podObject('a'));
    await eventually('it is back', () => fleet.snapshot().pod('ns', 'a') !== undefined);
    const statuses = log.flatMap(({ message }) => /with (\d+) /.exec(message)?.[1] ?? []);
    assert.deepEqual(statuses, ['503', '500']);
  }));

test('an object that cannot be read is named once, however often it changes', () =>
  withFleet(async ({ server, fleet, log }) => {
    const broken = (beat: string) => ({
      ...podObject('x', { beat }),
      spec: { containers: [{ name: 'main', resources: { requests: { cpu: 'lots' } } }] },
    });
    await fleet.start();
    for (const beat of ['1', '2', '3']) server.put(PODS, broken(beat));
    server.put(PODS, podObject('a'));
    await until('the events have come', () => fleet.snapshot().pod('ns', 'a') !== undefined);
    assert.equal(log.length, 1);
  }));

test('a CRD that is removed and comes back in another version is followed all the way', () =>
  withFleet(async ({ server, fleet, log, eventually }) => {
    const seen = () => fleet.snapshot().workload(CHAT)?.replicas;
    server.serve(SERVINGS);
    server.put(SERVINGS, serving(4));
    await fleet.start();
    assert.deepEqual([seen(), knowledge(fleet, 'modelservings')], [4, 'listed']);

    await until('it is watched', () => server.watching(SERVINGS) === 1);
    server.withdraw(SERVINGS);
    await eventually('its objects are gone with it', () => seen() === undefined);
    assert.equal(knowledge(fleet, 'modelservings'), 'absent');
    assert.equal(fleet.synced, true);

    const next = `${GROUP}/v1beta1/modelservings`;
    server.serve(next);
    server.put(next, serving(5));
    await eventually('its objects are back', () => seen() === 5);
    await until('they are watched', () => server.watching(next) === 1);
    server.put(next, serving(6));
    await eventually('their changes come', () => seen() === 6);
    assert.deepEqual(
      log.filter(({ level }) => level !== 'info' && level !== 'warn'),
      [],
    );
  }));

test('what is not served is never stale while discovery answers, and grows stale when it does not', () =>
  withFleet(async ({ server, fleet, clock, eventually }) => {
    await fleet.start();
    const silence = () => fleet.resources().find(({ name }) => name === 'modelservings')?.silentFor;
    assert.equal(knowledge(fleet, 'modelservings'), 'absent');
    clock.advance(20_000);
    assert.equal(silence(), 0);
    for (let times = 0; times < 20; times += 1) server.failNext({ method: 'GET', path: GROUP, how: { status: 503 } });
    await eventually('discovery has failed for a while', () => (silence() ?? 0) > 10_000);
    assert.ok((fleet.staleness() ?? 0) > 10_000);
    assert.equal(fleet.synced, true, 'the fleet stays ready all the same');
  }));

test('the fleet is ready although discovery of one kind has failed, and takes the kind in later', () =>
  withFleet(async ({ server, fleet, eventually }) => {
    server.serve(SERVINGS);
    server.put(SERVINGS, serving(4));
    for (let times = 0; times < 3; times += 1) server.failNext({ method: 'GET', path: GROUP, how: { status: 503 } });
    const started = fleet.start();
    await until('it is ready', () => fleet.synced);
    // Whoever reads it once does not wait for that kind either.
    await started;
    assert.equal(knowledge(fleet, 'modelservings'), 'unavailable');
    assert.equal(fleet.staleness(), 0, 'somebody’s broken API is no reason to steer nothing');
    await eventually('the kind is there', () => fleet.snapshot().workload(CHAT) !== undefined);
  }));

test('a fleet whose apiserver could not be reached at first is not ready before its workloads are read', () =>
  withFleet(async ({ server, fleet, eventually }) => {
    server.serve(SERVINGS);
    server.put(SERVINGS, serving(4));
    for (let times = 0; times < 3; times += 1) server.failNext({ method: 'GET', path: GROUP, how: 'lost' });
    const started = fleet.start().catch(() => undefined);
    const isOfKthena = ({ name }: { name: string }) => /^(modelservings|autoscalingpolic.*)$/.test(name);
    const others = () => fleet.resources().filter((resource) => !isOfKthena(resource));
    await until('all else is listed', () => others().every((r) => ['listed', 'absent'].includes(r.knowledge)));
    await until('it has been asked for', () => server.requests.filter(({ path }) => path === GROUP).length === 3);
    assert.deepEqual([fleet.synced, fleet.staleness()], [false, null]);
    await eventually('it is ready', () => fleet.synced);
    assert.equal(fleet.snapshot().workload(CHAT)?.replicas, 4);
    await started;
  }));

test('a fleet that cannot list its pods is not ready, and says so by name', () =>
  withFleet(async ({ server, fleet, eventually }) => {
    for (let times = 0; times < 3; times += 1) server.failNext({ ...listFault, how: { status: 503 } });
    const started = fleet.start();
    await until('all else is known', () => fleet.resources().filter((r) => r.knowledge === 'unknown').length === 1);
    assert.equal(knowledge(fleet, 'pods'), 'unknown');
    assert.equal(fleet.synced, false);
    await eventually('it is ready', () => fleet.synced);
    await started;
  }));
