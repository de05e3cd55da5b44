import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LOG_LEVELS } from '../../src/config/log-levels.ts';
import { externalAddress, onlyLoopback, serveOps } from './test-ops-server.ts';
import { recordingLog } from './test-server.ts';

const path = '/debug/flags/log-level';
const WARN = 40;

describe('the log level of a running packdown', () => {
  it('is told, and changed for as long as it runs', async (t) => {
    const { log, logged } = recordingLog();
    const ops = await serveOps(t, { log });
    assert.equal((await ops({ path })).body, 'info\n');
    for (const level of LOG_LEVELS) {
      const { status, body, headers } = await ops({ path, method: 'PUT', body: level });
      assert.deepEqual([status, body], [200, `successfully set log-level to ${level}\n`]);
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
      assert.equal((await ops({ path })).body, `${level}\n`);
      assert.equal(log.isLevelEnabled('info'), ['trace', 'debug', 'info'].includes(level));
    }
    const msg = 'the log level is changed until packdown ends';
    assert.deepEqual(logged[0], { level: WARN, from: 'info', to: 'trace', msg });
  });

  for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded', undefined]) {
    it(`is read from a body of type ${type}, as curl -d sends it`, async (t) => {
      const { log } = recordingLog();
      const ops = await serveOps(t, { log });
      const headers = type === undefined ? {} : { 'content-type': type };
      assert.equal((await ops({ path, method: 'PUT', headers, body: 'debug\n' })).status, 200);
      assert.equal(log.level, 'debug');
    });
  }

  for (const body of ['', 'verbose', 'INFO', '4', '"debug"', '{"a":1}']) {
    it(`stays as it is on ${JSON.stringify(body)}, and the answer says what there is`, async (t) => {
      const { log } = recordingLog();
      const ops = await serveOps(t, { log });
      const reply = await ops({ path, method: 'PUT', body });
      const message = `The log has no such level: send ${LOG_LEVELS.join(', ')}.`;
      assert.deepEqual([reply.status, reply.body], [400, JSON.stringify({ code: 'InvalidLogLevel', message })]);
      assert.equal(log.level, 'info');
    });
  }

  it('stays as it is on a body that is too large', async (t) => {
    const { log } = recordingLog();
    const ops = await serveOps(t, { log });
    const reply = await ops({ path, method: 'PUT', body: `debug${' '.repeat(100)}` });
    assert.match(reply.body, /"code":"BodyTooLarge"/);
    assert.deepEqual([reply.status, log.level], [413, 'info']);
  });

  it('is read and set in no other way', async (t) => {
    const reply = await (await serveOps(t))({ path, method: 'POST', body: 'debug' });
    assert.deepEqual([reply.status, reply.headers.allow], [405, 'GET, PUT']);
  });

  it('is not shown to another host and not changed by one, even where the fleet is exposed', {
    skip: onlyLoopback,
  }, async (t) => {
    const { log } = recordingLog();
    const host = externalAddress ?? '';
    const ops = await serveOps(t, { log, host, exposeFleet: true });
    const message = `${path} answers this host only: ask from inside the pod (kubectl port-forward does).`;
    for (const method of ['GET', 'PUT']) {
      const reply = await ops({ host, path, method, ...(method === 'PUT' && { body: 'silent' }) });
      assert.deepEqual([reply.status, reply.body], [403, JSON.stringify({ code: 'LoopbackOnly', message })]);
    }
    assert.equal(log.level, 'info');
  });
});
