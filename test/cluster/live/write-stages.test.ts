import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CostWrite } from '../../../src/domain/fleet/cost-write.ts';
import { podObject } from '../pod-object.ts';
import type { ApiServerDouble } from './api-server-double.ts';
import { type Setup, withLiveFleet } from './start-live-fleet.ts';
import type { TestClock } from './test-clock.ts';
import { until } from './until.ts';

const BUDGET = 800;
const names = (count: number, prefix = 'p') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const pods = (...all: readonly string[]) => all.map((name) => podObject(name, { 'example.com/team': 'blue' }));
const path = (name: string) => `/api/v1/namespaces/ns/pods/${name}`;

function stage({ fleet }: Setup<TestClock>, all: readonly string[]): readonly CostWrite[] {
  return all.map((name) => {
    const pod = fleet.snapshot().pod('ns', name);
    assert.ok(pod, `the snapshot has no pod ns/${name}`);
    return { carrier: pod, to: '57', victim: null };
  });
}

/** The pods whose patches have arrived, in the order in which they did. */
function patched(server: ApiServerDouble): readonly string[] {
  return server.requests
    .filter(({ method }) => method === 'PATCH')
    .map((request) => request.path.slice(request.path.lastIndexOf('/') + 1));
}

function each(server: ApiServerDouble, all: readonly string[], how: 'late' | 'silent' | { readonly status: number }) {
  for (const name of all) server.failNext({ method: 'PATCH', path: path(name), how });
}

const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

test('the writes of a stage are sent at the same time, the next stage once all of them are answered', () =>
  withLiveFleet(pods('a', 'b', 'c', 'd'), async (setup) => {
    const { server, fleet, clock } = setup;
    each(server, ['a', 'b'], 'late');
    const writing = fleet.write([stage(setup, ['a', 'b', 'c']), stage(setup, ['d'])], clock.now() + BUDGET);
    await until('the first stage has arrived', () => patched(server).length === 3);
    await until('one of it is answered', () => fleet.snapshot().pod('ns', 'c')?.cost === '57');
    assert.equal(patched(server).includes('d'), false);
    server.answerLate();
    assert.deepEqual(await writing, times(4, 'written'));
    assert.equal(patched(server).at(-1), 'd');
  }));

test('no more than 32 requests are under way, over all that is written at once', () => {
  const [first, second] = [names(20, 'a'), names(20, 'b')];
  return withLiveFleet(pods(...first, ...second), async (setup) => {
    const { server, fleet, clock } = setup;
    each(server, [...first, ...second], 'late');
    const writing = [first, second].map((all) => fleet.write([stage(setup, all)], clock.now() + BUDGET));
    await until('32 have arrived', () => patched(server).length >= 32);
    assert.deepEqual(new Set(patched(server)), new Set([...first, ...second.slice(0, 12)]));
    // A thirty-third would be on its way already, and arrive no later than this answer.
    await setup.api.get('/api/v1/nodes');
    assert.equal(patched(server).length, 32);
    server.answerLate();
    await until('the rest has arrived', () => patched(server).length === 40);
    server.answerLate();
    assert.deepEqual(await Promise.all(writing), times(2, times(20, 'written')));
  });
});

test('writes that never get their turn are not waited for beyond the deadline, and tell nobody', () => {
  const [stuck, waiting] = [names(32, 'a'), names(3, 'b')];
  return withLiveFleet(pods(...stuck, ...waiting), async (setup) => {
    const { server, fleet, clock } = setup;
    each(server, stuck, 'silent');
    const long = fleet.write([stage(setup, stuck)], clock.now() + 10 * BUDGET);
    await until('all places are taken', () => patched(server).length === 32);
    const short = fleet.write([stage(setup, waiting)], clock.now() + BUDGET);
    clock.advance(BUDGET);
    assert.deepEqual(await short, []);
    clock.advance(10 * BUDGET);
    assert.deepEqual(await long, times(32, 'failed'));
    assert.deepEqual(patched(server).length, 32);
    assert.deepEqual(await fleet.write([stage(setup, waiting)], clock.now() + BUDGET), times(3, 'written'));
  });
});

test('after a write that failed or was refused nothing of a later stage is sent, and no more of its own', () => {
  const all = names(40);
  return withLiveFleet(pods(...all, 'later'), async (setup) => {
    const { server, fleet, clock } = setup;
    each(server, ['p0'], { status: 403 });
    each(server, all.slice(1), 'late');
    const writing = fleet.write([stage(setup, all), stage(setup, ['later'])], clock.now() + BUDGET);
    await until('the failure is known', () => setup.log.length === 1 && patched(server).length >= 32);
    server.answerLate();
    assert.deepEqual(await writing, ['refused', ...times(31, 'written')]);
    assert.deepEqual(new Set(patched(server)), new Set(all.slice(0, 32)));
  });
});

test('a stale write holds up neither its stage nor the next', () =>
  withLiveFleet(pods('a', 'b', 'c'), async (setup) => {
    const { server, fleet, clock } = setup;
    const [first, second] = [stage(setup, ['a', 'b']), stage(setup, ['c'])];
    server.put('/api/v1/pods', podObject('a', { 'controller.kubernetes.io/pod-deletion-cost': '9' }));
    assert.deepEqual(await fleet.write([first, second], clock.now() + BUDGET), ['stale', 'written', 'written']);
  }));
