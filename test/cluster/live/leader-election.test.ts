import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LeaderElection } from '../../../src/cluster/live/leader-election.ts';
import { type JsonObject, objectAt } from '../../../src/workloads/core/json.ts';
import { ApiServerDouble } from './api-server-double.ts';
import { TestClock } from './test-clock.ts';
import { until } from './until.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/packdown-system/leases';
const HOUR = 3_600_000;
const TIMING = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2000 };

interface Candidate {
  readonly election: LeaderElection;
  readonly log: readonly string[];
  /** Whether it hears of the fleet; so it does until a test says otherwise. */
  isFit: boolean;
  /** Ends it as SIGTERM does. */
  stop(): Promise<void>;
  /** Ends it as SIGKILL does: it is never heard of again. */
  kill(): Promise<void>;
}

interface Stage {
  readonly server: ApiServerDouble;
  readonly clock: TestClock;
  /** `skew`: how many milliseconds its wall clock is ahead of the others. */
  candidate(name: string, skew?: number, isFit?: boolean): Candidate;
  /** Lets time pass in steps of half a second, long enough for every request in between; `check` looks after each. */
  pass(milliseconds: number, check?: () => void): Promise<void>;
  lease(): JsonObject;
  put(spec: object, metadata?: object): void;
}

async function withElection(body: (stage: Stage) => Promise<void>): Promise<void> {
  const server = await ApiServerDouble.start();
  server.serve(LEASES);
  const clock = new TestClock();
  const candidates = new Set<Candidate>();
  const cutOff = new Set<string>();
  server.isCutOff = ({ headers }) => cutOff.has(String(headers.authorization));

  function candidate(name: string, skew = 0, isFit = true): Candidate {
    const api = server.client(name);
    const log: string[] = [];
    const say = (details: object, message: string) => void log.push(`${message} ${JSON.stringify(details)}`);
    const election = new LeaderElection({
      api,
      namespace: 'packdown-system',
      identity: name,
      timing: TIMING,
      isFit: () => made.isFit,
      clock: { now: () => clock.now() + skew, delay: (time, signal) => clock.delay(time, signal) },
      elapsed: () => clock.now(),
      log: { info: say, warn: say },
    });
    const stopped = new AbortController();
    let run = Promise.resolve();
    const end = async () => {
      candidates.delete(made);
      stopped.abort();
      await run;
      await api.close();
    };
    const made: Candidate = {
      election,
      log,
      isFit,
      stop: end,
      kill: async () => {
        cutOff.add(`Bearer ${name}`);
        await end();
      },
    };
    run = election.run(stopped.signal);
    candidates.add(made);
    return made;
  }
  // A candidate sleeps between attempts, and beside a longer delay, the attempt's deadline, during one.
  const isIdle = () =>
    clock.sleeping().length === candidates.size && clock.sleeping().every((delay) => delay <= TIMING.retryPeriod);

  try {
    await body({
      server,
      clock,
      candidate,
      async pass(milliseconds, check = () => undefined) {
        for (let passed = 0; passed < milliseconds; passed += 500) {
          await until('every candidate waits', isIdle);
          clock.advance(500);
          check();
        }
        await until('every candidate waits', isIdle);
      },
      lease: () => objectAt(server.get(LEASES, 'packdown-system', 'packdown'), 'spec'),
      put: (spec, metadata = {}) =>
        void server.put(LEASES, { metadata: { namespace: 'packdown-system', name: 'packdown', ...metadata }, spec }),
    });
  } finally {
    for (const { kill } of candidates) await kill();
    await server.close();
  }
}

describe('leader election', () => {
  it('leaves the Lease to others while a replica hears nothing of the fleet, and makes way once it does not any more', () =>
    withElection(async ({ candidate, pass, lease, clock }) => {
      const deaf = candidate('a', 0, false);
      await pass(20_000);
      assert.deepEqual([deaf.election.isLeader(), lease()], [false, {}]);
      deaf.isFit = true;
      await pass(2000);
      assert.equal(deaf.election.isLeader(), true);
      const other = candidate('b');
      await pass(2000);
      deaf.isFit = false;
      clock.advance(TIMING.retryPeriod);
      await until('it has made way', () => lease().holderIdentity === '');
      await pass(2 * TIMING.retryPeriod);
      assert.deepEqual([deaf.election.isLeader(), other.election.isLeader()], [false, true]);
    }));

  it('makes the only candidate the leader at once, with a Lease that kubectl can show', () =>
    withElection(async ({ candidate, pass, lease, clock }) => {
      const { election, log } = candidate('a');
      assert.equal(election.isLeader(), false);
      const began = clock.now();
      await pass(0);
      assert.equal(election.isLeader(), true);
      const time = new Date(began).toISOString().replace('Z', '000Z');
      assert.deepEqual(lease(), {
        holderIdentity: 'a',
        leaseDurationSeconds: 15,
        acquireTime: time,
        renewTime: time,
        leaseTransitions: 0,
      });
      assert.deepEqual(log, ['leading {"identity":"a"}']);
    }));

  it('keeps the leader while it lives, and never has two', () =>
    withElection(async ({ candidate, pass, lease }) => {
      const a = candidate('a');
      await pass(0);
      const { acquireTime } = lease();
      const b = candidate('b');
      await pass(60_000, () => assert.equal(b.election.isLeader(), false));
      assert.equal(a.election.isLeader(), true);
      assert.deepEqual([lease().holderIdentity, lease().acquireTime], ['a', acquireTime]);
    }));

  for (const [title, skew, later] of [
    ['', 0, 0],
    [' that looks just before the leader renews', 0, 1500],
    [' that looks between renewals', 0, 1000],
    [' whose clock is five hours ahead', 5 * HOUR, 0],
    [' whose clock is five hours behind', -5 * HOUR, 0],
  ] as const) {
    it(`puts a candidate${title} in the place of a leader that died, within the lease time and not sooner`, () =>
      withElection(async ({ candidate, pass, lease }) => {
        const a = candidate('a');
        await pass(later);
        const b = candidate('b', skew);
        await pass(30_000, () => assert.equal(b.election.isLeader(), false));
        await a.kill();
        // The last renewal was up to a retry period ago.
        await pass(TIMING.leaseDuration - TIMING.retryPeriod - 500, () => assert.equal(b.election.isLeader(), false));
        await pass(TIMING.retryPeriod + 500);
        assert.equal(b.election.isLeader(), true);
        assert.deepEqual([lease().holderIdentity, lease().leaseTransitions], ['b', 1]);
      }));
  }

  it('ends the lead of a replica that is cut off from the apiserver before anybody else can begin', () =>
    withElection(async ({ server, candidate, pass }) => {
      const a = candidate('a');
      await pass(0);
      const b = candidate('b');
      await pass(10_000);
      server.isCutOff = ({ headers }) => headers.authorization === 'Bearer a';
      let last = '';
      await pass(40_000, () => {
        const leaders = [a, b].map(({ election }) => election.isLeader());
        assert.notDeepEqual(leaders, [true, true]);
        last = leaders.join();
      });
      assert.equal(last, 'false,true');
      assert.ok(a.log.some((line) => line.startsWith('no longer leading')));
      assert.equal(a.log.filter((line) => line.includes('could not')).length, 1, a.log.join('\n'));
      server.isCutOff = () => false;
      await pass(30_000, () => assert.equal(a.election.isLeader(), false));
    }));

  it('lets the leader lead on through an outage that is shorter than the renew deadline', () =>
    withElection(async ({ server, candidate, pass }) => {
      const a = candidate('a');
      await pass(0);
      server.isCutOff = () => true;
      await pass(7000, () => assert.equal(a.election.isLeader(), true));
      server.isCutOff = () => false;
      await pass(30_000, () => assert.equal(a.election.isLeader(), true));
    }));

  for (const status of [429, 500, 503]) {
    it(`outlives answers of ${status}`, () =>
      withElection(async ({ server, candidate, pass }) => {
        const a = candidate('a');
        server.failNext({ method: 'GET', path: `${LEASES}/packdown`, how: { status } });
        await pass(0);
        assert.equal(a.election.isLeader(), false);
        await pass(5000);
        assert.equal(a.election.isLeader(), true);
        server.failNext({ method: 'PUT', path: `${LEASES}/packdown`, how: { status } });
        await pass(30_000, () => assert.equal(a.election.isLeader(), true));
      }));
  }

  it('gives up a request that is never answered in time for another', () =>
    withElection(async ({ server, candidate, pass, clock }) => {
      const a = candidate('a');
      await pass(0);
      server.failNext({ method: 'GET', path: `${LEASES}/packdown`, how: 'silent' });
      const asked = server.requests.length;
      clock.advance(TIMING.retryPeriod);
      await until('the request is under way', () => server.requests.length > asked);
      clock.advance(5000);
      await pass(2500);
      assert.equal(a.election.isLeader(), true);
      assert.match(a.log[1] ?? '', /^the lease could not be renewed .*deadline/);
    }));

  it('takes a conflict for somebody who was faster', () =>
    withElection(async ({ server, candidate, pass }) => {
      const a = candidate('a');
      server.failNext({ method: 'POST', path: LEASES, how: { status: 409 } });
      await pass(0);
      assert.equal(a.election.isLeader(), false);
      await pass(5000);
      assert.equal(a.election.isLeader(), true);
      server.failNext({ method: 'PUT', path: `${LEASES}/packdown`, how: { status: 409 } });
      await pass(2000);
      assert.equal(a.election.isLeader(), false);
      await pass(5000);
      assert.equal(a.election.isLeader(), true);
      assert.deepEqual(
        a.log.filter((line) => line.includes('could not')),
        [],
      );
    }));

  it('tells once of what a webhook of somebody else denies as a conflict, be it to take the Lease or to renew it', () =>
    withElection(async ({ server, candidate, pass }) => {
      const a = candidate('a');
      const denied = (method: string, path: string) => {
        for (let times = 0; times < 4; times += 1) server.failNext({ method, path, how: { status: 409 } });
      };
      const problems = () => a.log.filter((line) => line.includes('could not')).map((line) => line.split(' {')[0]);
      denied('POST', LEASES);
      await pass(10_000);
      assert.equal(a.election.isLeader(), true);
      assert.deepEqual(problems(), ['the lease could not be looked at or taken']);
      denied('PUT', `${LEASES}/packdown`);
      await pass(10_000);
      assert.equal(a.election.isLeader(), true);
      assert.equal(problems().length, 2);
    }));

  it('makes one of two that ask at the same moment the leader', () =>
    withElection(async ({ candidate, pass }) => {
      const both = [candidate('a'), candidate('b')];
      await pass(0);
      await pass(20_000, () => assert.equal(both.filter(({ election }) => election.isLeader()).length, 1));
    }));

  it('hands over at once when the leader shuts down', () =>
    withElection(async ({ candidate, pass, lease }) => {
      const a = candidate('a');
      await pass(0);
      const b = candidate('b');
      await pass(5000);
      await a.stop();
      assert.equal(a.election.isLeader(), false);
      assert.deepEqual([lease().holderIdentity, lease().leaseDurationSeconds], ['', 1]);
      await pass(TIMING.retryPeriod + 500);
      assert.equal(b.election.isLeader(), true);
      assert.equal(lease().leaseTransitions, 1);
    }));

  it('releases only a Lease that is its own', () =>
    withElection(async ({ candidate, pass, lease, put }) => {
      const a = candidate('a');
      await pass(0);
      put({ holderIdentity: 'b', leaseDurationSeconds: 15 });
      await a.stop();
      assert.equal(lease().holderIdentity, 'b');
    }));

  it('yields to another holder that it finds in the Lease', () =>
    withElection(async ({ candidate, pass, put }) => {
      const a = candidate('a');
      await pass(0);
      put({ holderIdentity: 'b', leaseDurationSeconds: 15 });
      await pass(2500);
      assert.equal(a.election.isLeader(), false);
    }));

  it('makes the Lease anew when somebody deletes it', () =>
    withElection(async ({ server, candidate, pass, lease }) => {
      const a = candidate('a');
      await pass(0);
      server.remove(LEASES, 'packdown-system', 'packdown');
      await pass(2500);
      assert.deepEqual([a.election.isLeader(), lease().holderIdentity], [true, 'a']);
    }));

  it('waits as long as the Lease of a leader with another configuration says', () =>
    withElection(async ({ candidate, pass, put }) => {
      put({ holderIdentity: 'elder', leaseDurationSeconds: 60 });
      const a = candidate('a');
      await pass(59_500, () => assert.equal(a.election.isLeader(), false));
      await pass(5500);
      assert.equal(a.election.isLeader(), true);
    }));

  it('takes no sign of life from what else changes on the Lease', () =>
    withElection(async ({ candidate, pass, put }) => {
      const spec = { holderIdentity: 'dead', leaseDurationSeconds: 15 };
      put(spec);
      const a = candidate('a');
      for (let edit = 0; edit < 8; edit += 1) {
        await pass(2500);
        put(a.election.isLeader() ? {} : spec, { labels: { edit: `${edit}` } });
        if (a.election.isLeader()) return;
      }
      assert.fail('it never took over');
    }));

  it('keeps what others have written on the Lease', () =>
    withElection(async ({ server, candidate, pass, put }) => {
      put({ holderIdentity: '', strategy: 'OldestEmulationVersion' }, { labels: { team: 'blue' } });
      candidate('a');
      await pass(5000);
      const lease = server.get(LEASES, 'packdown-system', 'packdown');
      assert.deepEqual(objectAt(lease, 'metadata', 'labels'), { team: 'blue' });
      assert.equal(objectAt(lease, 'spec').strategy, 'OldestEmulationVersion');
    }));

  for (const [title, spec] of [
    ['no spec', undefined],
    ['an empty spec', {}],
    ['a holder that is no text', { holderIdentity: 7, leaseDurationSeconds: 15 }],
  ] as const) {
    it(`takes a Lease with ${title}`, () =>
      withElection(async ({ server, candidate, pass }) => {
        server.put(LEASES, { metadata: { namespace: 'packdown-system', name: 'packdown' }, spec });
        const a = candidate('a');
        await pass(0);
        assert.equal(a.election.isLeader(), true);
      }));
  }

  for (const duration of [undefined, 0, -5, 'long']) {
    it(`waits its own lease time where the Lease says ${duration}`, () =>
      withElection(async ({ candidate, pass, put }) => {
        put({ holderIdentity: 'dead', leaseDurationSeconds: duration });
        const a = candidate('a');
        await pass(14_500, () => assert.equal(a.election.isLeader(), false));
        await pass(5500);
        assert.equal(a.election.isLeader(), true);
      }));
  }

  it('says once what is wrong with a Lease that cannot be read, and does not lead', () =>
    withElection(async ({ server, candidate, pass }) => {
      server.put(LEASES, { metadata: { namespace: 'packdown-system', name: 'packdown' }, spec: [] });
      const a = candidate('a');
      await pass(20_000, () => assert.equal(a.election.isLeader(), false));
      assert.equal(a.log.length, 1);
      assert.match(a.log[0] ?? '', /spec is no object/);
    }));
});
