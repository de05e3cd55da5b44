import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Steering } from '../../src/admission/steering.ts';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import { startOpsServer } from '../../src/http/ops-server.ts';
import { routes } from '../../src/http/routes.ts';
import { startServer } from '../../src/http/server.ts';
import { observe } from '../../src/observability/observe.ts';
import { configOf, type WebhookOptions } from '../admission/webhook.ts';
import { fleetOf, NOW } from '../builders/fleet.ts';
import { call } from '../http/http-client.ts';
import { certificates, recordingLog } from '../http/test-server.ts';
import { type Family, readExposition } from './exposition.ts';

/** Both real ports over a fleet in memory, wired as `serve` does it, at a time that only the test moves on. */
export async function observedServer(
  t: TestContext,
  {
    index = fleetOf([]),
    config = configOf('steering: {settle: 0ms}'),
    wrap = (fleet: Fleet) => fleet,
  }: WebhookOptions = {},
) {
  const clock = { time: NOW };
  const now = () => clock.time;
  const { log, logged } = recordingLog();
  const observability = observe({ fleet: wrap(new EmbeddedFleet(index, now)), log, leads: () => true });
  const { fleet, metrics, onAnswered, timed } = observability;
  const steering = new Steering({ fleet, config, now, wait: async () => undefined });
  const host = '127.0.0.1';
  const ops = await startOpsServer({
    ...{ host, port: 0, log, version: '1.2.3', exposeFleet: false, metrics },
    unready: () => null,
    costs: () => [],
    plan: () => ({}),
  });
  t.after(() => ops.close(0));
  const served = timed(routes({ fleet, config, steering, onAnswered }));
  const server = await startServer({ host, port: 0, tls: certificates, clientCa: null, log, routes: served });
  t.after(() => server.close(0));

  const scrape = async (): Promise<ReadonlyMap<string, Family>> => {
    const reply = await call({ port: ops.port, path: '/metrics' });
    assert.equal(reply.status, 200);
    return readExposition(reply.body);
  };
  return {
    clock,
    index,
    logged,
    server,
    scrape,
    /** POSTs JSON and gives the answer's text. */
    async post(path: string, body: unknown): Promise<string> {
      const { port } = server;
      const headers = { 'content-type': 'application/json' };
      const reply = await call({
        ...{ port, ca: certificates.ca, method: 'POST', path, headers },
        body: JSON.stringify(body),
      });
      assert.equal(reply.status, 200, reply.body);
      return reply.body;
    },
    /** The series of one metric that are not 0. */
    async seriesOf(name: string): Promise<Readonly<Record<string, number>>> {
      const series = (await scrape()).get(name)?.series ?? assert.fail(`there is no ${name}`);
      return Object.fromEntries([...series].filter(([, value]) => value !== 0));
    },
  };
}
