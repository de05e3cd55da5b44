import { networkInterfaces } from 'node:os';
import type { TestContext } from 'node:test';
import { type OpsServerOptions, startOpsServer } from '../../src/http/ops-server.ts';
import type { RunningServer } from '../../src/http/running-server.ts';
import { type Call, call } from './http-client.ts';
import { recordingLog } from './test-server.ts';

/** The real ops port, closed when the test ends. */
export async function startOps(t: TestContext, overrides: Partial<OpsServerOptions> = {}): Promise<RunningServer> {
  const server = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    log: recordingLog().log,
    version: '1.2.3',
    unready: () => null,
    checks: () => [],
    costs: () => [{ pod: 'ns/p', node: 'n1', cost: '57', owner: 'packdown' }],
    plan: (query) => query,
    metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', metrics: async () => 'packdown_leader 1\n' },
    exposeFleet: false,
    ...overrides,
  });
  t.after(() => server.close(0));
  return server;
}

/** Calls such a port. */
export async function serveOps(t: TestContext, overrides: Partial<OpsServerOptions> = {}) {
  const { port } = await startOps(t, overrides);
  return (options: Call) => call({ port, ...options });
}

/** An IPv4 address of this machine that is not its loopback. */
export const externalAddress = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

/** Why tests that call from there are skipped. */
export const onlyLoopback = externalAddress === undefined && 'this machine has only its loopback';
