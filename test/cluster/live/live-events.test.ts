import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { LiveEvents } from '../../../src/cluster/live/live-events.ts';
import type { EventRecord, WorkloadEvent } from '../../../src/domain/fleet/workload-event.ts';
import { objectAt } from '../../../src/workloads/core/json.ts';
import { recordingLog } from '../../http/test-server.ts';
import { ApiServerDouble } from './api-server-double.ts';
import { TestClock } from './test-clock.ts';
import { until } from './until.ts';

const EVENTS = '/apis/events.k8s.io/v1/namespaces/llm/events';
const regarding = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'llm', name: 'web', uid: 'u' };
const event: WorkloadEvent = {
  ...{ type: 'Normal', reason: 'SteeredScaleDown', action: 'Steer' },
  ...{ regarding, related: null, note: 'from 2 to 1: web-b will go' },
};
const FIRST = Date.parse('2026-06-01T12:00:00Z');

function record(count = 1, fields: Partial<EventRecord> = {}): EventRecord {
  return { event, name: 'web.1', first: FIRST, last: FIRST + 1000 * (count - 1), count, ...fields };
}

async function sink(t: TestContext) {
  const server = await ApiServerDouble.start();
  server.serve(EVENTS);
  const api = server.client();
  const clock = new TestClock();
  const { log, logged } = recordingLog();
  const events = new LiveEvents({ api, clock, log, instance: 'packdown-0' });
  t.after(async () => {
    await api.close();
    await server.close();
  });
  const writes = () => server.requests.map(({ method, path }) => `${method} ${path}`);
  return { server, clock, logged, events, writes, stored: (name = 'web.1') => server.get(EVENTS, 'llm', name) };
}

describe('an Event', () => {
  it('is created as events.k8s.io/v1 has it', async (t) => {
    const { events, stored, writes } = await sink(t);
    const related = { ...regarding, kind: 'ReplicaSet', name: 'web-7c9d', uid: 'v' };
    assert.equal(await events.write(record(1, { event: { ...event, related } })), 'written');
    assert.deepEqual(writes(), [`POST ${EVENTS}`]);
    const { metadata, ...rest } = stored() ?? {};
    assert.equal(objectAt({ metadata }, 'metadata').name, 'web.1');
    assert.deepEqual(rest, {
      ...{ apiVersion: 'events.k8s.io/v1', kind: 'Event', eventTime: '2026-06-01T12:00:00.000000Z' },
      ...{ reportingController: 'packdown', reportingInstance: 'packdown-0' },
      ...{ type: 'Normal', reason: 'SteeredScaleDown', action: 'Steer', note: event.note, regarding, related },
    });
  });

  it('gets a series when the same happens again', async (t) => {
    const { events, stored, writes } = await sink(t);
    for (const count of [1, 2, 7]) assert.equal(await events.write(record(count)), 'written');
    assert.deepEqual(writes(), [`POST ${EVENTS}`, `PATCH ${EVENTS}/web.1`, `PATCH ${EVENTS}/web.1`]);
    assert.deepEqual(stored()?.series, { count: 7, lastObservedTime: '2026-06-01T12:00:06.000000Z' });
  });

  it('is created anew, with its count, where the apiserver has forgotten it', async (t) => {
    const { events, stored, writes } = await sink(t);
    assert.equal(await events.write(record(3)), 'written');
    assert.deepEqual(writes(), [`PATCH ${EVENTS}/web.1`, `POST ${EVENTS}`]);
    assert.deepEqual(stored()?.series, { count: 3, lastObservedTime: '2026-06-01T12:00:02.000000Z' });
  });

  it('is written after those before it, although nobody waits', async (t) => {
    const { events, stored } = await sink(t);
    await Promise.all([1, 2, 3].map((count) => events.write(record(count))));
    assert.deepEqual(stored()?.series, { count: 3, lastObservedTime: '2026-06-01T12:00:02.000000Z' });
  });

  it('is there once when the answer to its creation got lost', async (t) => {
    const { server, clock, events, writes } = await sink(t);
    server.failNext({ method: 'POST', path: EVENTS, how: 'lost' });
    const written = events.write(record());
    await until('it waits', () => clock.sleeping().length === 2);
    clock.advance(1000);
    assert.equal(await written, 'written');
    assert.deepEqual(writes(), [`POST ${EVENTS}`, `POST ${EVENTS}`]);
  });
});

describe('Events that cannot be written', () => {
  it('are given up, logged once a problem, and hold up nothing for long', async (t) => {
    const { server, events, logged } = await sink(t);
    for (const status of [403, 403, 400]) server.failNext({ method: 'POST', path: EVENTS, how: { status } });
    const outcomes = [1, 2, 3, 4].map((each) => events.write(record(1, { name: `web.${each}` })));
    assert.deepEqual(await Promise.all(outcomes), ['failed', 'failed', 'failed', 'written']);
    assert.deepEqual(
      logged.map(({ msg }) => msg),
      Array(2).fill('an Event could not be written; more of this is only counted'),
    );
  });

  it('are dropped where too many wait for an apiserver that does not answer, and each waits for five seconds', async (t) => {
    const { server, clock, events } = await sink(t);
    server.failNext({ method: 'POST', path: EVENTS, how: 'silent' });
    const silent = events.write(record());
    const waiting = Array.from({ length: 499 }, (_, each) => events.write(record(1, { name: `web.2${each}` })));
    assert.equal(await events.write(record(1, { name: 'web.3' })), 'dropped');
    await until('it is asked', () => server.requests.length === 1);
    clock.advance(5_000);
    assert.equal(await silent, 'failed');
    assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['written']));
  });

  it('do not hold up a shutdown for longer than a second', async (t) => {
    const { server, clock, events } = await sink(t);
    server.failNext({ method: 'POST', path: EVENTS, how: 'silent' });
    const outcomes = Promise.all([events.write(record()), events.write(record(1, { name: 'web.2' }))]);
    await until('it is asked', () => server.requests.length === 1);
    const closed = events.close();
    clock.advance(1000);
    await closed;
    assert.deepEqual(await outcomes, ['failed', 'dropped']);
    assert.equal(await events.write(record()), 'dropped');
  });

  it('are still written in a shutdown when the apiserver answers', async (t) => {
    const { events, stored } = await sink(t);
    const outcome = events.write(record());
    await events.close();
    assert.equal(await outcome, 'written');
    assert.ok(stored());
  });
});
