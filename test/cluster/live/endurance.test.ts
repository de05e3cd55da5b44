import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSilent, SILENCE_LIMIT } from '../../../src/domain/fleet/silence.ts';
import { podObject } from '../pod-object.ts';
import type { ApiServerDouble } from './api-server-double.ts';
import { PODS } from './start-live-fleet.ts';
import { until } from './until.ts';
import { withFleet } from './with-fleet.ts';

const GROUP = '/apis/workload.serving.volcano.sh';
const SERVINGS = `${GROUP}/v1alpha1/modelservings`;

const lists = (server: ApiServerDouble) =>
  server.requests.filter(({ path, query }) => path === PODS && query.watch === undefined);
const firstPages = (server: ApiServerDouble) => lists(server).filter(({ query }) => query.continue === undefined);

function refuse(server: ApiServerDouble, path: string, query: string, status: number, times = 100): void {
  for (let time = 0; time < times; time += 1) server.failNext({ method: 'GET', path, query, how: { status } });
}

test('a page that is refused for now is asked for again, and those before it are not', () =>
  withFleet(async ({ server, fleet, eventually }) => {
    server.page = 1;
    for (const name of ['a', 'b', 'c', 'd', 'e']) server.put(PODS, podObject(name));
    for (const page of ['2', '3', '3', '4']) refuse(server, PODS, `continue=${page}`, 429, 1);
    const started = fleet.start();
    await eventually('all pods are there', () => [...fleet.snapshot().pods()].length === 5);
    assert.equal(firstPages(server).length, 1);
    await started;
  }));

test('an apiserver that is overloaded is asked for the watch again, and for no list', () =>
  withFleet(async ({ server, fleet, eventually }) => {
    server.put(PODS, podObject('a'));
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    const before = lists(server).length;
    refuse(server, PODS, 'watch=true', 429, 30);
    server.dropWatches('end', PODS);
    await eventually('it is watched again', () => server.watching(PODS) === 1);
    assert.equal(lists(server).length, before);
  }));

test('after a list that was no help the next comes as late as the first', () =>
  withFleet(async ({ server, fleet, eventually }) => {
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    const before = lists(server).length;
    const watches = () => server.requests.filter(({ path, query }) => path === PODS && query.watch === 'true').length;
    const asked = watches();
    refuse(server, PODS, 'watch=true', 500, 40);
    server.dropWatches('end', PODS);
    await eventually('it is watched again', () => server.watching(PODS) === 1);
    assert.equal(watches() - asked, 41);
    assert.equal(lists(server).length - before, 4, 'one after nine failures each');
  }));

test('a watch that ends again and again without a word is followed by a list', () =>
  withFleet(async ({ server, fleet, clock, eventually }) => {
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    const before = lists(server).length;
    await eventually('it is listed', () => {
      server.dropWatches('end', PODS);
      return lists(server).length > before;
    });
    await until('it is heard of', () => (fleet.staleness() ?? 0) < clock.now());
  }, 5000));

test('an object that cannot be read any more is left out, as a list leaves it out', () =>
  withFleet(async ({ server, fleet }) => {
    server.put(PODS, podObject('a'));
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    const requests = { cpu: 'lots' };
    server.put(PODS, { ...podObject('a'), spec: { containers: [{ name: 'main', resources: { requests } }] } });
    await until('it is gone', () => fleet.snapshot().pod('ns', 'a') === undefined);
    server.put(PODS, podObject('a'));
    await until('it is back', () => fleet.snapshot().pod('ns', 'a') !== undefined);
  }));

test('a gateway that answers 404 for what every apiserver has does not empty the fleet', () =>
  withFleet(async ({ server, fleet, clock, eventually }) => {
    server.put(PODS, podObject('a'));
    await fleet.start();
    await until('the pods are watched', () => server.watching(PODS) === 1);
    const since = clock.now();
    refuse(server, PODS, 'watch=true', 404, 1);
    refuse(server, PODS, 'limit=', 404, 20);
    server.dropWatches('end', PODS);
    await eventually('it goes on for a while', () => clock.now() - since > 20_000);
    assert.notEqual(fleet.snapshot().pod('ns', 'a'), undefined);
    assert.ok((fleet.staleness() ?? 0) > 15_000, 'and it shows that nothing is heard of them');
    await eventually('it is watched again', () => server.watching(PODS) === 1);
  }));

test('the fleet is ready although one CRD cannot be listed, and takes the kind in later', () =>
  withFleet(async ({ server, fleet, log, eventually }) => {
    server.serve(SERVINGS);
    server.put(SERVINGS, { metadata: { namespace: 'ns', name: 'chat', uid: 'u' }, spec: { replicas: 4 } });
    refuse(server, SERVINGS, 'limit=', 500, 8);
    const started = fleet.start();
    await until('it has failed once', () => log.length > 0);
    const knowledge = () => fleet.resources().find(({ name }) => name === 'modelservings')?.knowledge;
    assert.equal(knowledge(), 'unknown', 'a moment may mend it');
    await eventually('it is ready', () => fleet.synced);
    assert.equal(knowledge(), 'unavailable');
    assert.notEqual(fleet.staleness(), null);
    const chat = { group: 'workload.serving.volcano.sh', kind: 'ModelServing', namespace: 'ns', name: 'chat' };
    assert.equal(fleet.snapshot().workload(chat), undefined);
    await eventually('the kind is there', () => fleet.snapshot().workload(chat) !== undefined);
    await started;
  }));

test('a CRD that fails for minutes is left out, and silences nobody else', () =>
  withFleet(async ({ server, fleet, log, eventually }) => {
    const chat = { group: 'workload.serving.volcano.sh', kind: 'ModelServing', namespace: 'ns', name: 'chat' };
    server.serve(SERVINGS);
    server.put(SERVINGS, { metadata: { namespace: 'ns', name: 'chat', uid: 'u' }, spec: { replicas: 4 } });
    await fleet.start();
    await until('it is watched', () => server.watching(SERVINGS) === 1);
    refuse(server, SERVINGS, 'watch=true', 500, 1000);
    refuse(server, SERVINGS, 'limit=', 500, 1000);
    server.dropWatches('end', SERVINGS);
    let worst = 0;
    await eventually('it is left out', () => {
      for (const path of server.paths) if (path !== SERVINGS) server.bookmark(path);
      const { silentFor = 0 } = fleet.resources().find(({ name }) => name === 'modelservings') ?? {};
      if (fleet.snapshot().workload(chat) !== undefined) worst = Math.max(worst, silentFor ?? 0);
      return fleet.snapshot().workload(chat) === undefined;
    });
    assert.ok(worst >= 200_000 && worst < SILENCE_LIMIT, `${worst}`);
    assert.ok(!isSilent(fleet.staleness()), `${fleet.staleness()}`);
    assert.equal(fleet.synced, true);
    assert.ok(log.some(({ message }) => message.startsWith('has failed for minutes')));
  }, 200_000));

test('no fleet is ready without the kinds that every apiserver has, whatever discovery answers', () =>
  withFleet(async ({ server, fleet, log, eventually }) => {
    refuse(server, '/apis/apps', '', 403, 3);
    const started = assert.rejects(fleet.start(), { code: 'ApiError' });
    await until('each was refused once', () => log.length === 3);
    const kinds = ['deployments', 'replicasets', 'statefulsets'];
    const known = fleet.resources().filter(({ name }) => kinds.includes(name));
    assert.deepEqual(
      known.map(({ knowledge }) => knowledge),
      kinds.map(() => 'unknown'),
    );
    await eventually('it is ready', () => fleet.synced);
    await started;
  }));
