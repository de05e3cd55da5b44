import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LiveTargetSet } from '../../../src/cluster/live/live-target-set.ts';
import { formatTargetSet, targetSetOf } from '../../../src/cluster/target-set.ts';
import { type JsonObject, objectAt } from '../../../src/workloads/core/json.ts';
import { ApiServerDouble } from './api-server-double.ts';
import { TestClock } from './test-clock.ts';
import { until } from './until.ts';

const CONFIG_MAPS = '/api/v1/namespaces/packdown-system/configmaps';
const NAME = 'packdown-target-set';
const HALF_A_MINUTE = 30_000;

interface Replica {
  readonly store: LiveTargetSet;
  readonly log: readonly string[];
}

interface Stage {
  readonly server: ApiServerDouble;
  readonly clock: TestClock;
  /** A replica of packdown that has looked at the ConfigMap once. */
  replica(): Promise<Replica>;
  stored(): JsonObject | undefined;
  put(data: unknown): void;
  /** Requests that change something. */
  writes(): readonly string[];
}

async function withStore(body: (stage: Stage) => Promise<void>, watchSilence = 60_000): Promise<void> {
  const server = await ApiServerDouble.start();
  server.serve(CONFIG_MAPS);
  const clock = new TestClock();
  const open: (() => Promise<void>)[] = [];
  try {
    await body({
      server,
      clock,
      async replica() {
        const api = server.client();
        const log: string[] = [];
        const say = (_details: object, message: string) => void log.push(message);
        const namespace = 'packdown-system';
        const store = new LiveTargetSet({ api, namespace, clock, log: { info: say, warn: say }, watchSilence });
        const stopped = new AbortController();
        const run = store.document.run(stopped.signal);
        open.push(async () => {
          stopped.abort();
          await run;
          await api.close();
        });
        await store.document.firstLook;
        return { store, log };
      },
      stored: () => server.get(CONFIG_MAPS, 'packdown-system', NAME),
      put: (data) => void server.put(CONFIG_MAPS, { metadata: { namespace: 'packdown-system', name: NAME }, data }),
      writes: () => server.requests.filter(({ method }) => method !== 'GET').map(({ method }) => method),
    });
  } finally {
    for (const close of open) await close();
    await server.close();
  }
}

const nodesOf = ({ store }: Replica) => store.current()?.nodes;

describe('the target set of a cluster', () => {
  it('is not waited for long where nobody answers', () =>
    withStore(async ({ server, clock, replica }) => {
      const { store } = await replica();
      server.failNext({ method: 'POST', path: CONFIG_MAPS, how: 'silent' });
      const published = assert.rejects(store.publish(['n1']), /the deadline passed before an answer came/);
      await until('it is under way', () => server.requests.some(({ method }) => method === 'POST'));
      clock.advance(5000);
      await published;
    }));

  it('is unknown until one is published, which every replica then sees', () =>
    withStore(async ({ server, replica, stored }) => {
      const [leader, other] = [await replica(), await replica()];
      assert.equal(leader.store.current(), null);
      await leader.store.publish(['n2', 'n1']);
      assert.deepEqual(leader.store.current(), targetSetOf(['n2', 'n1']));
      await until('the other sees it', () => nodesOf(other) !== undefined);
      assert.deepEqual(other.store.current(), leader.store.current());
      assert.deepEqual(nodesOf(await replica()), ['n2', 'n1']);
      assert.deepEqual(objectAt(stored(), 'data'), { 'document.json': '{"nodes":["n2","n1"]}' });
      const reads = server.requests.filter(({ method }) => method === 'GET');
      assert.ok(reads.every(({ query }) => query.fieldSelector === `metadata.name=${NAME}`));
    }));

  it('is written when it changes, and never twice in half a minute', () =>
    withStore(async ({ replica, writes, clock }) => {
      const leader = await replica();
      await leader.store.publish(['n1']);
      await leader.store.publish(['n1']);
      await leader.store.publish(['n1', 'n2']);
      assert.deepEqual([nodesOf(leader), writes()], [['n1'], ['POST']]);
      clock.advance(HALF_A_MINUTE);
      await leader.store.publish(['n1']);
      assert.deepEqual(writes(), ['POST']);
      await leader.store.publish(['n1', 'n2']);
      assert.deepEqual(
        [nodesOf(leader), writes()],
        [
          ['n1', 'n2'],
          ['POST', 'PUT'],
        ],
      );
    }));

  it('is known to stand there, or not yet, by whoever offers it', () =>
    withStore(async ({ replica, clock }) => {
      const { document } = (await replica()).store;
      const [one, other] = [['n1'], ['n2']].map((nodes) => formatTargetSet(targetSetOf(nodes)));
      assert.ok(one !== undefined && other !== undefined);
      const stands = [await document.offer(one), await document.offer(one), await document.offer(other)];
      assert.deepEqual(stands, [true, true, false]);
      clock.advance(HALF_A_MINUTE);
      assert.equal(await document.offer(other), true);
    }));

  it('is not written by a new leader that would publish the same', () =>
    withStore(async ({ replica, writes }) => {
      await (await replica()).store.publish(['n1']);
      await (await replica()).store.publish(['n1']);
      assert.deepEqual(writes(), ['POST']);
    }));

  it('of a leader that was slower gives way to the one that is there', () =>
    withStore(async ({ server, replica, clock }) => {
      const [first, second] = [await replica(), await replica()];
      server.hold();
      await first.store.publish(['n1']);
      await second.store.publish(['n2']);
      assert.equal(second.store.current(), null);
      server.release();
      await until('it sees the other', () => nodesOf(second)?.[0] === 'n1');
      server.hold();
      clock.advance(HALF_A_MINUTE);
      await first.store.publish(['n3']);
      await second.store.publish(['n2']);
      server.release();
      await until('it sees the other', () => nodesOf(second)?.[0] === 'n3');
    }));

  it('is what etcd has after it was restored from a backup, and is written again from there', () =>
    withStore(async ({ server, replica, put, stored, clock }) => {
      const leader = await replica();
      await leader.store.publish(['n1']);
      server.restore();
      put({ 'document.json': '{"nodes":["n2"]}' });
      server.dropWatches('end');
      await until('it is as it was', () => {
        clock.advance(1000);
        return nodesOf(leader)?.[0] === 'n2';
      });
      clock.advance(HALF_A_MINUTE);
      await leader.store.publish(['n3']);
      assert.deepEqual(objectAt(stored(), 'data'), { 'document.json': '{"nodes":["n3"]}' });
    }, 200));

  it('is not undone by an event from before', () =>
    withStore(async ({ server, replica, put, clock }) => {
      const leader = await replica();
      await leader.store.publish(['n1']);
      clock.advance(HALF_A_MINUTE);
      server.hold();
      await leader.store.publish(['n2']);
      server.release(1);
      put({ other: 'key' });
      server.release();
      await until('the last event has come', () => leader.store.current() === null);
      assert.equal(leader.log.length, 2);
    }));

  for (const [title, data] of [
    ['malformed', { 'document.json': '{"nodes":"n1"}' }],
    ['half-written', { 'document.json': '{"nodes":["n1"' }],
    ['empty', undefined],
    ['under another key', { 'target-set': '{"nodes":[]}' }],
  ] as const) {
    it(`that is ${title} counts as none, with one warning, and is replaced by the next`, () =>
      withStore(async ({ replica, put, clock }) => {
        put(data);
        const leader = await replica();
        assert.equal(leader.store.current(), null);
        assert.equal(leader.log.length, 1);
        assert.match(leader.log[0] ?? '', /^the target set cannot be read/);
        await leader.store.publish(['n1']);
        assert.deepEqual(nodesOf(leader), ['n1']);
        clock.advance(HALF_A_MINUTE);
        put(data);
        await until('it is noticed', () => leader.store.current() === null);
        assert.equal(leader.log.length, 2);
      }));
  }

  it('that somebody deletes is unknown again, and made anew', () =>
    withStore(async ({ server, replica, clock, stored }) => {
      const leader = await replica();
      await leader.store.publish(['n1']);
      server.remove(CONFIG_MAPS, 'packdown-system', NAME);
      await until('it is noticed', () => leader.store.current() === null);
      clock.advance(HALF_A_MINUTE);
      await leader.store.publish(['n1']);
      assert.deepEqual(nodesOf(leader), ['n1']);
      assert.ok(stored() !== undefined);
    }));

  it('is offered again at once when it could not be written', () =>
    withStore(async ({ server, replica }) => {
      const leader = await replica();
      server.failNext({ method: 'POST', path: CONFIG_MAPS, how: { status: 503 } });
      await assert.rejects(leader.store.publish(['n1']), { code: 'ApiError' });
      await leader.store.publish(['n1']);
      assert.deepEqual(nodesOf(leader), ['n1']);
    }));

  for (const status of [404, 409]) {
    it(`fails where a webhook of somebody else denies it with ${status}, however often it is offered`, () =>
      withStore(async ({ server, replica }) => {
        const leader = await replica();
        for (let times = 0; times < 3; times += 1) {
          server.failNext({ method: 'POST', path: CONFIG_MAPS, how: { status } });
        }
        await leader.store.publish(['n1']);
        for (let times = 0; times < 2; times += 1) {
          await assert.rejects(leader.store.publish(['n1']), { code: 'ApiError', status });
        }
        await leader.store.publish(['n1']);
        assert.deepEqual(nodesOf(leader), ['n1']);
      }));
  }

  it('is found by the next attempt when only the answer to a write was lost', () =>
    withStore(async ({ server, replica }) => {
      const leader = await replica();
      server.failNext({ method: 'POST', path: CONFIG_MAPS, how: 'lost' });
      await assert.rejects(leader.store.publish(['n1']), { code: 'ClusterUnreachable' });
      await until('the watch shows it', () => nodesOf(leader)?.[0] === 'n1');
    }));

  it('is unknown where the ConfigMap may not be read, and that is no reason to fail', () =>
    withStore(async ({ server, clock }) => {
      const api = server.client();
      const log: string[] = [];
      const say = (_details: object, message: string) => void log.push(message);
      server.failNext({ method: 'GET', path: CONFIG_MAPS, how: { status: 403 } });
      const store = new LiveTargetSet({ api, namespace: 'packdown-system', clock, log: { info: say, warn: say } });
      const stopped = new AbortController();
      const run = store.document.run(stopped.signal);
      await assert.rejects(store.document.firstLook, { code: 'ApiError' });
      assert.equal(store.current(), null);
      stopped.abort();
      await run;
      await api.close();
    }));
});
