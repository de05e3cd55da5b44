import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { Steering } from '../../src/admission/steering.ts';
import { dutiesOf } from '../../src/background/duties.ts';
import { runDuties } from '../../src/background/duty.ts';
import { LeaderElection } from '../../src/cluster/live/leader-election.ts';
import { LiveEvents } from '../../src/cluster/live/live-events.ts';
import { LiveFleet } from '../../src/cluster/live/live-fleet.ts';
import { LiveLows } from '../../src/cluster/live/live-lows.ts';
import { LiveTargetSet } from '../../src/cluster/live/live-target-set.ts';
import { TLS_FLAGS, tlsSource } from '../../src/commands/tls-flags.ts';
import { readArguments } from '../../src/commands/usage.ts';
import { routes } from '../../src/http/routes.ts';
import { reloadTls } from '../../src/http/tls-reload.ts';
import { observe } from '../../src/observability/observe.ts';
import { objectAt } from '../../src/workloads/core/json.ts';
import { adapters } from '../../src/workloads/registry.ts';
import { configOf } from '../admission/webhook.ts';
import { findTargets } from '../background/forecast-story.ts';
import { NO_TARGET_SET } from '../builders/fleet.ts';
import { objectOf, scaleReview } from '../builders/review.ts';
import { deployment } from '../builders/workload.ts';
import { ApiServerDouble } from '../cluster/live/api-server-double.ts';
import { PODS } from '../cluster/live/start-live-fleet.ts';
import { TestClock } from '../cluster/live/test-clock.ts';
import { until } from '../cluster/live/until.ts';
import { podObject } from '../cluster/pod-object.ts';
import { temporaryFolder, writePair } from '../http/reloading-server.ts';
import { certificates, recordingLog } from '../http/test-server.ts';

const MINUTE = 60_000;
/** As pino numbers it. */
const INFO = 30;
const DEPLOYMENTS = '/apis/apps/v1/deployments';
const NAMESPACE = 'packdown-system';
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;
const TIMING = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2000 };
const web = (replicas: number) => deployment(replicas, { namespace: 'ns' });

/** What `serve --in-cluster` runs, on a cluster in memory whose time the test moves on. */
async function startServing(t: TestContext) {
  const server = await ApiServerDouble.start();
  server.put(DEPLOYMENTS, { ...objectOf(web(3)) });
  for (const name of ['a', 'b', 'c']) server.put(PODS, podObject(name));
  for (const path of [CONFIG_MAPS, LEASES]) server.serve(path);
  const api = server.client();
  const clock = new TestClock();
  const now = () => clock.now();
  const { log, logged } = recordingLog();
  const config = configOf('background: true');
  const surroundings = { api, clock, log, namespace: NAMESPACE };
  const live = new LiveFleet({ ...surroundings, adapters });
  const targetSet = new LiveTargetSet(surroundings);
  const lows = new LiveLows(surroundings);
  const election = new LeaderElection({
    ...surroundings,
    timing: TIMING,
    isFit: () => true,
    identity: 'packdown-0',
    elapsed: now,
  });
  const leads = () => election.isLeader();
  const events = new LiveEvents({ api, clock, log, instance: 'packdown-0' });
  const certificateExpiry = () => null;
  const observability = observe({ fleet: live, config, log, now, leads, certificateExpiry, events });
  const { fleet, onSteered, onAnswered, timed } = observability;
  const wait = async () => undefined;
  const steering = new Steering({ fleet, config, now, wait, onSteered });
  const [validate] = timed(routes({ fleet, config, steering, onAnswered, targetSet: NO_TARGET_SET, binder: null }));
  assert.ok(validate);

  const folder = temporaryFolder(t);
  writePair(folder, certificates);
  const argv = ['--tls-cert', `${folder}/tls.crt`, '--tls-key', `${folder}/tls.key`];
  const source = await tlsSource(readArguments(argv, TLS_FLAGS, {}), Date.now());
  const reads: number[] = [];
  const certificatePolls = reloadTls({
    files: source.files,
    read: () => {
      reads.push(now());
      return source.read();
    },
    current: await source.read(),
    use: () => assert.fail('the certificate has not changed'),
    log,
    delay: (milliseconds, signal) => clock.delay(milliseconds, signal),
  });
  const stopped = new AbortController();
  const running = [election, targetSet.document, lows.document].map((part) => part.run(stopped.signal));
  const duties = runDuties(dutiesOf({ fleet, config, now, targetSet, lows, findTargets }), {
    isLeader: leads,
    fleet,
    delay: (milliseconds, signal) => clock.delay(milliseconds, signal),
    log,
  });
  t.after(async () => {
    await duties.close();
    stopped.abort();
    await Promise.all(running);
    await certificatePolls.close();
    await live.stop();
    await api.close();
    await server.close();
  });
  await live.start();
  return { server, clock, logged, fleet, observability, validate, certificateReads: () => reads.length };
}

it('a quiet hour logs next to nothing, and nothing that a person must act on', async (t) => {
  const { server, clock, logged, fleet, observability, validate, certificateReads } = await startServing(t);
  const discoveries = () => server.requests.filter(({ path }) => path === '/apis/workload.serving.volcano.sh');
  const writes = (prefix: string) =>
    server.requests.filter(({ method, path }) => method !== 'GET' && path.startsWith(prefix)).length;
  const renewed = (before: number) => writes(LEASES) > before && clock.sleeping().includes(TIMING.retryPeriod);
  await until('it leads', () => renewed(0));
  for (let minute = 1, replicas = 3; minute <= 60; minute += 1) {
    for (let passed = 0; passed < MINUTE; passed += TIMING.retryPeriod) {
      const renewals = writes(LEASES);
      clock.advance(TIMING.retryPeriod);
      await until('it has renewed its lease', () => renewed(renewals));
    }
    if (minute % 6 === 0) server.dropWatches('end');
    for (const path of server.paths) server.bookmark(path);
    await until('every watch has heard a bookmark', () => fleet.staleness() === 0);
    await until('it has looked for the CRD', () => discoveries().length > minute);
    observability.check();
    if (minute % 10 === 0) {
      const answer = objectAt(await validate.handle(scaleReview(web(replicas), replicas + 1), 5000), 'response');
      assert.deepEqual([answer.allowed, answer.warnings], [true, undefined]);
      replicas += 1;
      server.put(DEPLOYMENTS, { ...objectOf(web(replicas)) });
      const key = web(replicas);
      await until('the fleet has it', () => fleet.snapshot().workload(key)?.replicas === replicas);
    }
  }
  const watches = server.requests.filter(({ path, query }) => path === PODS && query.watch === 'true');
  assert.equal(watches.length, 11);
  assert.ok(certificateReads() > 0);
  assert.deepEqual(
    logged.map(({ level, msg }) => [level, msg]),
    [
      [INFO, 'there is none yet'],
      [INFO, 'there is none yet'],
      [INFO, 'leading'],
    ],
  );
  // The target set and the lows, once each.
  assert.equal(writes('') - writes(LEASES), 2);
  assert.equal(writes(CONFIG_MAPS), 2);
});
