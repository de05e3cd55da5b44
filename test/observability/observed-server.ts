import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startOpsServer } from '../../src/http/ops-server.ts';
import { routes } from '../../src/http/routes.ts';
import { type HttpsServerOptions, startServer } from '../../src/http/server.ts';
import { NO_TARGET_SET } from '../builders/fleet.ts';
import { call } from '../http/http-client.ts';
import { certificates } from '../http/test-server.ts';
import { type Family, readExposition } from './exposition.ts';
import { type ObservedOptions, observed, seriesOf } from './observed.ts';

interface ServedOptions extends ObservedOptions {
  readonly clientCa?: string | null;
  readonly timeouts?: HttpsServerOptions['timeouts'];
}

/** Both real ports over a fleet in memory, wired as `serve` does it. */
export async function observedServer(t: TestContext, { clientCa = null, timeouts, ...options }: ServedOptions = {}) {
  const setup = observed(options);
  const { fleet, config, steering, log, observability } = setup;
  const { metrics, onAnswered, onHandshakeFailed, onRequestRefused, timed } = observability;
  const host = '127.0.0.1';
  const ops = await startOpsServer({
    ...{ host, port: 0, log, version: '1.2.3', exposeFleet: false, metrics },
    unready: () => null,
    checks: () => [],
    costs: () => [],
    plan: () => ({}),
  });
  t.after(() => ops.close(0));
  const served = timed(routes({ fleet, config, steering, onAnswered, targetSet: NO_TARGET_SET, binder: null }));
  const tls = { tls: certificates, clientCa };
  const told = { onRequestRefused, onHandshakeFailed };
  const server = await startServer({
    host,
    port: 0,
    ...tls,
    log,
    routes: served,
    ...told,
    ...(timeouts && { timeouts }),
  });
  t.after(() => server.close(0));

  const scrape = async (): Promise<ReadonlyMap<string, Family>> => {
    const reply = await call({ port: ops.port, path: '/metrics' });
    assert.equal(reply.status, 200);
    return readExposition(reply.body);
  };
  const send = (path: string, body: string, type = 'application/json') => {
    const headers = { 'content-type': type };
    return call({ port: server.port, ca: certificates.ca, method: 'POST', path, headers, body });
  };
  return {
    ...setup,
    port: server.port,
    scrape,
    /** POSTs what may be refused. */
    send,
    /** POSTs JSON and gives the answer's text. */
    async post(path: string, body: unknown): Promise<string> {
      const reply = await send(path, JSON.stringify(body));
      assert.equal(reply.status, 200, reply.body);
      return reply.body;
    },
    /** As scraped from the ops port. */
    seriesOf: async (name: string) => seriesOf(await scrape(), name),
  };
}
