import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COST_OWNER, POD_DELETION_COST } from '../../../src/domain/fleet/annotations.ts';
import { afterWrite, type CostWrite } from '../../../src/domain/fleet/cost-write.ts';
import { objectAt } from '../../../src/workloads/core/json.ts';
import { podObject } from '../pod-object.ts';
import type { ApiServerDouble } from './api-server-double.ts';
import { PODS, type Setup, withLiveFleet } from './start-live-fleet.ts';
import type { TestClock } from './test-clock.ts';
import { until } from './until.ts';

const BUDGET = 800;
const POD_A = '/api/v1/namespaces/ns/pods/a';
const POD_B = '/api/v1/namespaces/ns/pods/b';

function write({ fleet }: Setup<TestClock>, name: string, to: string, victim: string | null = null): CostWrite {
  const pod = fleet.snapshot().pod('ns', name);
  assert.ok(pod, `the snapshot has no pod ns/${name}`);
  return { carrier: pod, to, victim };
}

function costOf({ fleet }: Setup<TestClock>, name: string): string | null | undefined {
  return fleet.snapshot().pod('ns', name)?.cost;
}

function annotationsOf(server: ApiServerDouble, name: string): object {
  return objectAt(server.get(PODS, 'ns', name), 'metadata', 'annotations');
}

function sent(server: ApiServerDouble, method: string): readonly string[] {
  return server.requests.filter((request) => request.method === method).map(({ path }) => path);
}

function pods(...names: readonly string[]) {
  return names.map((name) => podObject(name, { 'example.com/team': 'blue' }));
}

test('a write shows in the snapshot at once, and resolves when the watch has shown it', () =>
  withLiveFleet(pods('a'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.hold();
    const writes = [write(setup, 'a', '57')];
    let settled = false;
    const writing = fleet.write(writes, clock.now() + BUDGET).finally(() => {
      settled = true;
    });
    await until('the snapshot has it', () => costOf(setup, 'a') === '57');
    assert.equal(settled, false);
    server.release();
    assert.deepEqual(await writing, ['written']);
  }));

test('a write that the watch does not show resolves at the deadline', () =>
  withLiveFleet(pods('a'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.hold();
    const writes = [write(setup, 'a', '57')];
    const writing = fleet.write(writes, clock.now() + BUDGET);
    await until('the snapshot has it', () => costOf(setup, 'a') === '57');
    clock.advance(BUDGET);
    assert.deepEqual(await writing, ['written']);
  }));

test('an event from before the write does not undo it, one from after it counts', () =>
  withLiveFleet(pods('a', 'b'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.hold();
    for (const phase of ['Pending', 'Running']) {
      server.put(PODS, { ...podObject('a', { 'example.com/team': 'red' }), status: { phase } });
    }
    server.put(PODS, { ...podObject('b'), status: { phase: 'Pending' } });
    const writing = fleet.write([write(setup, 'a', '57')], clock.now() + BUDGET);
    await until('the snapshot has it', () => costOf(setup, 'a') === '57');
    server.release(3);
    await until('the older events have come', () => fleet.snapshot().pod('ns', 'b')?.phase === 'Pending');
    assert.equal(costOf(setup, 'a'), '57');
    server.put(PODS, podObject('a', { [POD_DELETION_COST]: '9' }));
    server.release();
    assert.deepEqual(await writing, ['written']);
    await until('the later event has come', () => costOf(setup, 'a') === '9');
  }));

test('the answer to a write does not bring back a pod that the watch has already taken away', () =>
  withLiveFleet(pods('a', 'b'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.failNext({ method: 'PATCH', path: POD_A, how: 'late' });
    const writing = fleet.write([write(setup, 'a', '57')], clock.now() + BUDGET);
    await until('the patch has arrived', () => sent(server, 'PATCH').length === 1);
    server.remove(PODS, 'ns', 'a');
    await until('the pod is gone', () => fleet.snapshot().pod('ns', 'a') === undefined);
    server.answerLate();
    assert.deepEqual(await writing, ['written']);
    assert.equal(fleet.snapshot().pod('ns', 'a'), undefined);
  }));

test('a write survives a list that is older, and the watch shows it later', () =>
  withLiveFleet(pods('a'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.failNext({ method: 'GET', path: PODS, query: 'limit=', how: 'late' });
    server.compact();
    server.dropWatches('end', PODS);
    await until('the second list is read, but not answered', () => {
      clock.advance(50);
      return server.requests.filter(({ path, query }) => path === PODS && query.limit !== undefined).length === 2;
    });
    const writing = fleet.write([write(setup, 'a', '57')], clock.now() + 60_000);
    await until('the snapshot has it', () => costOf(setup, 'a') === '57');
    server.answerLate();
    assert.deepEqual(await writing, ['written']);
    assert.equal(costOf(setup, 'a'), '57');
  }));

test('a write survives a list from before it that tells nothing new', () =>
  withLiveFleet(pods('a'), async (setup) => {
    const { server, fleet, clock } = setup;
    await until('it watches', () => server.watching(PODS) === 1);
    server.failNext({ method: 'GET', path: PODS, query: 'limit=', how: 'late' });
    server.sendRaw(PODS, '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n');
    await until('the second list is read, but not answered', () => {
      clock.advance(50);
      return server.requests.filter(({ path, query }) => path === PODS && query.limit !== undefined).length === 2;
    });
    server.hold();
    const writing = fleet.write([write(setup, 'a', '57')], clock.now() + 60_000);
    await until('the snapshot has it', () => costOf(setup, 'a') === '57');
    server.answerLate();
    await until('it watches again', () => server.watching(PODS) === 1);
    assert.equal(costOf(setup, 'a'), '57');
    server.release();
    assert.deepEqual(await writing, ['written']);
  }));

test('a write that an etcd restored from a backup does not have is forgotten, and what happens there counts', () =>
  withLiveFleet(pods('a'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.put(PODS, podObject('b'));
    await until('the pod is there', () => fleet.snapshot().pod('ns', 'b') !== undefined);
    server.hold();
    const writing = fleet.write([write(setup, 'a', '57')], clock.now() + BUDGET);
    await until('the snapshot has it', () => costOf(setup, 'a') === '57');
    clock.advance(BUDGET);
    await writing;
    server.restore();
    server.put(PODS, podObject('a', { [POD_DELETION_COST]: '3' }));
    server.sendRaw(PODS, '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n');
    await until('the list shows what is there', () => {
      clock.advance(1000);
      return costOf(setup, 'a') === '3';
    });
  }));

test('a cost that somebody else has written in the meantime makes the write stale and stays', () =>
  withLiveFleet(pods('a', 'b'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.hold();
    const foreign = { [POD_DELETION_COST]: '1000' };
    server.put(PODS, podObject('a', foreign));
    const writes = [write(setup, 'a', '57'), write(setup, 'b', '58')];
    const writing = fleet.write(writes, clock.now() + BUDGET);
    await until('the snapshot has the second one', () => costOf(setup, 'b') === '58');
    server.release();
    assert.deepEqual(await writing, ['stale', 'written']);
    assert.deepEqual(annotationsOf(server, 'a'), foreign);
    assert.equal(costOf(setup, 'a'), '1000');
    assert.deepEqual(sent(server, 'PATCH'), [POD_A, POD_B]);
  }));

test('a foreign cost is never overwritten, even if the write shows it', () =>
  withLiveFleet([podObject('a', { [POD_DELETION_COST]: '41', [COST_OWNER]: '7' })], async (setup) => {
    const { server, fleet, clock } = setup;
    assert.deepEqual(await fleet.write([write(setup, 'a', '57')], clock.now() + BUDGET), ['stale']);
    assert.deepEqual(sent(server, 'PATCH'), []);
  }));

test('a pod that is gone or is another of the same name makes the write stale', () =>
  withLiveFleet(pods('a', 'b'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.hold();
    server.remove(PODS, 'ns', 'a');
    const theirs = { [POD_DELETION_COST]: '58', [COST_OWNER]: '58' };
    server.put(PODS, podObject('b', theirs, 'another'));
    const writes = [write(setup, 'a', '57'), write(setup, 'b', '58')];
    assert.deepEqual(await fleet.write(writes, clock.now() + BUDGET), ['stale', 'stale']);
    assert.deepEqual(annotationsOf(server, 'b'), theirs);
  }));

test("a pod's first annotation of somebody else, or the loss of its last, does not make the write stale", () =>
  withLiveFleet([podObject('a'), ...pods('b')], async (setup) => {
    const { server, fleet, clock } = setup;
    server.hold();
    server.put(PODS, podObject('a', { 'example.com/team': 'red' }));
    server.put(PODS, podObject('b'));
    const writing = fleet.write([write(setup, 'a', '57'), write(setup, 'b', '58')], clock.now() + BUDGET);
    await until('the snapshot has both', () => costOf(setup, 'a') === '57' && costOf(setup, 'b') === '58');
    server.release();
    assert.deepEqual(await writing, ['written', 'written']);
    const ours = (cost: string) => ({ [POD_DELETION_COST]: cost, [COST_OWNER]: cost });
    assert.deepEqual(annotationsOf(server, 'a'), { 'example.com/team': 'red', ...ours('57') });
    assert.deepEqual(annotationsOf(server, 'b'), ours('58'));
    assert.deepEqual(sent(server, 'PATCH'), [POD_A, POD_A, POD_B, POD_B]);
  }));

test('a write whose answer is lost is tried again and found to have happened', () =>
  withLiveFleet(pods('a'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.hold();
    server.failNext({ method: 'PATCH', path: POD_A, how: 'lost' });
    const writing = fleet.write([write(setup, 'a', '0', 'a')], clock.now() + BUDGET);
    await until('it waits a little', () => clock.sleeping().some((milliseconds) => milliseconds <= 200));
    clock.advance(200);
    await until('the snapshot has it', () => costOf(setup, 'a') === '0');
    server.release();
    assert.deepEqual(await writing, ['written']);
    assert.deepEqual(sent(server, 'PATCH'), [POD_A, POD_A]);
  }));

test('Retry-After is honoured within the deadline', () =>
  withLiveFleet(pods('a'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.failNext({ method: 'PATCH', path: POD_A, how: { status: 429, headers: { 'retry-after': '2' } } });
    const writing = fleet.write([write(setup, 'a', '57')], clock.now() + 5000);
    await until('it waits', () => clock.sleeping().includes(2000));
    clock.advance(1999);
    assert.equal(clock.sleeping().includes(2000), true);
    assert.deepEqual(sent(server, 'PATCH'), [POD_A]);
    clock.advance(1);
    assert.deepEqual(await writing, ['written']);
  }));

test('a Retry-After past the deadline fails at once, and nothing after it is sent', () =>
  withLiveFleet(pods('a', 'b'), async (setup) => {
    const { server, fleet, clock, log } = setup;
    server.failNext({ method: 'PATCH', path: POD_A, how: { status: 503, headers: { 'retry-after': '1' } } });
    const writes = [write(setup, 'a', '57'), write(setup, 'b', '58')];
    assert.deepEqual(await fleet.write(writes, clock.now() + BUDGET), ['failed']);
    assert.deepEqual(sent(server, 'PATCH'), [POD_A]);
    assert.deepEqual(
      log.map(({ level, details }) => ({ level, details })),
      [{ level: 'warn', details: { namespace: 'ns', name: 'a' } }],
    );
  }));

for (const [title, status, patches] of [
  ['for want of a right', 403, 1],
  ['by a policy, as a change that came in between is', 422, 2],
  ['by a webhook that calls it a conflict', 409, 2],
  ['by a webhook that calls it not found', 404, 2],
] as const) {
  test(`a write that is refused ${title} is said to be, and nothing after it is sent: a hole is no legal order`, () =>
    withLiveFleet(pods('a', 'b', 'c'), async (setup) => {
      const { server, fleet, clock, log } = setup;
      for (let patch = 0; patch < patches; patch += 1)
        server.failNext({ method: 'PATCH', path: POD_B, how: { status } });
      const writes = ['a', 'b', 'c'].map((name) => write(setup, name, '57'));
      assert.deepEqual(await fleet.write(writes, clock.now() + BUDGET), ['written', 'refused']);
      assert.deepEqual(sent(server, 'PATCH'), [POD_A, ...Array.from({ length: patches }, () => POD_B)]);
      assert.deepEqual(
        log.map(({ details }) => details),
        [{ namespace: 'ns', name: 'b' }],
      );
    }));
}

test('the log tells of refusals once a minute for each namespace, however many there are', () =>
  withLiveFleet(pods('a', 'b'), async (setup) => {
    const { server, fleet, clock, log } = setup;
    const refused = async (...names: readonly string[]) => {
      for (const name of names) {
        server.failNext({ method: 'PATCH', path: `/api/v1/namespaces/ns/pods/${name}`, how: { status: 403 } });
        assert.deepEqual(await fleet.write([write(setup, name, '57')], clock.now() + BUDGET), ['refused']);
      }
      return log.length;
    };
    assert.equal(await refused('a', 'b', 'a'), 1);
    clock.advance(60_000);
    assert.equal(await refused('b', 'a'), 2);
  }));

test('Retry-After: 0 is no reason to ask without end', () =>
  withLiveFleet(pods('a'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.failNext({ method: 'PATCH', path: POD_A, how: { status: 429, headers: { 'retry-after': '0' } } });
    const writing = fleet.write([write(setup, 'a', '57')], clock.now() + BUDGET);
    await until('it waits a little', () => clock.sleeping().some((ms) => ms > 0 && ms <= 200));
    assert.deepEqual(sent(server, 'PATCH'), [POD_A]);
    clock.advance(200);
    assert.deepEqual(await writing, ['written']);
  }));

test('the deadline stops the sending and does not wait for an answer that is under way', () =>
  withLiveFleet(pods('a', 'b', 'c'), async (setup) => {
    const { server, fleet, clock } = setup;
    server.failNext({ method: 'PATCH', path: POD_B, how: 'silent' });
    const writing = fleet.write(
      ['a', 'b', 'c'].map((name) => write(setup, name, '57')),
      clock.now() + BUDGET,
    );
    await until('the second write is under way', () => sent(server, 'PATCH').length === 2);
    clock.advance(BUDGET);
    assert.deepEqual(await writing, ['written', 'failed']);
    assert.deepEqual(sent(server, 'PATCH'), [POD_A, POD_B]);
  }));

test('writes are sent one after another, in their order', () =>
  withLiveFleet(pods('a', 'b', 'c', 'd'), async (setup) => {
    const { server, fleet, clock } = setup;
    const order = ['c', 'a', 'd', 'b'];
    server.failNext({ method: 'PATCH', path: '/api/v1/namespaces/ns/pods/c', how: 'late' });
    const writing = fleet.write(
      order.map((name) => write(setup, name, '57')),
      clock.now() + BUDGET,
    );
    await until('the first one has arrived', () => sent(server, 'PATCH').length === 1);
    server.answerLate();
    assert.deepEqual(await writing, ['written', 'written', 'written', 'written']);
    assert.deepEqual(
      sent(server, 'PATCH'),
      order.map((name) => `/api/v1/namespaces/ns/pods/${name}`),
    );
  }));

test('the patch goes over the wire as pinned, and the pod is then as the domain says it will be', () =>
  withLiveFleet([podObject('a')], async (setup) => {
    const { server, fleet, clock } = setup;
    const planned = write(setup, 'a', '0', 'ms-1');
    await fleet.write([planned], clock.now() + BUDGET);
    assert.equal(
      server.requests.find(({ method }) => method === 'PATCH')?.body,
      '[{"op":"test","path":"/metadata/uid","value":"uid-of-a"},' +
        '{"op":"test","path":"/metadata/annotations","value":null},' +
        '{"op":"add","path":"/metadata/annotations","value":{"controller.kubernetes.io/pod-deletion-cost":"0",' +
        '"packdown.io/cost-owner":"0","packdown.io/victim":"ms-1@2026-01-02T03:04:05.000Z"}}]',
    );
    assert.deepEqual(fleet.snapshot().pod('ns', 'a'), afterWrite(planned, clock.now()));
  }));
