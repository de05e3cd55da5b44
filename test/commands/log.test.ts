import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { type JsonObject, objectAt } from '../../src/workloads/core/json.ts';
import { call } from '../http/http-client.ts';
import { cluster, LEASES } from './cluster.ts';
import { PATIENCE, start } from './packdown-process.ts';
import { logOnTerminal } from './terminal.ts';

const LEVEL = '/debug/flags/log-level';

describe('the log of packdown serve', { timeout: PATIENCE }, () => {
  it('is JSON on a pipe, holds no credentials at any level, and more of it on demand', async (t) => {
    const { server, kubeconfig } = await cluster(t);
    // What the apiserver refuses is told, but not what was sent to it.
    for (const status of [401, 403, 500]) server.failNext({ method: 'GET', path: '/api/v1/pods', how: { status } });
    for (const method of ['GET', 'POST']) server.failNext({ method, path: LEASES, how: { status: 403 } });
    const flags = ['--kubeconfig', kubeconfig, '--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
    const argv = ['serve', ...flags, '--leader-elect-retry-period=200ms'];
    const { child, ended } = start(t, argv, { PACKDOWN_LOG_LEVEL: 'trace' });
    const lines: JsonObject[] = [];
    let opsPort = 0;
    for await (const line of createInterface({ input: child.stderr })) {
      const entry = objectAt(JSON.parse(line));
      lines.push(entry);
      if (entry.msg === 'serving') {
        opsPort = Number(entry.opsPort);
        assert.equal((await call({ port: opsPort, path: LEVEL })).body, 'trace\n');
      }
      const told = lines.filter(({ resource, msg }) => resource === 'pods' || msg === 'leading');
      if (told.length === 4 && !child.killed) {
        assert.equal((await call({ port: opsPort, path: LEVEL, method: 'PUT', body: 'info' })).status, 200);
        child.kill('SIGTERM');
      }
    }
    assert.deepEqual(await ended, [0, null]);
    const text = JSON.stringify(lines);
    assert.match(text, /401|Unauthorized/);
    assert.match(text, /"from":"trace","to":"info"/);
    assert.ok(server.requests.some(({ headers }) => headers.authorization === 'Bearer s3cret'));
    assert.doesNotMatch(text, /s3cret|Bearer|PRIVATE KEY/);
  });

  it('is for people on a terminal', { skip: process.platform !== 'linux' && 'its script(1) is another' }, () => {
    const { stdout, status } = logOnTerminal(import.meta.resolve('../../src/observability/log.ts'));
    assert.equal(status, 0);
    assert.match(stdout, /^\[\d\d:\d\d:\d\d\] INFO: serving \{"port":8443\}\r?\n$/);
  });
});
