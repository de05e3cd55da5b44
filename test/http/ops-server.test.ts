import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CodedError } from '../../src/domain/coded-error.ts';
import { isLoopback } from '../../src/http/loopback.ts';
import { externalAddress, onlyLoopback, serveOps as serve } from './test-ops-server.ts';
import { recordingLog } from './test-server.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

describe('the ops port', () => {
  for (const path of ['/livez', '/readyz']) {
    it(`answers ${path} with ok`, async (t) => {
      const ops = await serve(t);
      const reply = await ops({ path });
      assert.deepEqual([reply.status, reply.body], [200, 'ok']);
      assert.equal(reply.headers['content-type'], 'text/plain; charset=utf-8');
    });
  }

  it('is not ready while there is a reason, and alive all the same', async (t) => {
    let reason: string | null = 'The fleet is not read yet.';
    const ops = await serve(t, { unready: () => reason });
    const reply = await ops({ path: '/readyz' });
    assert.deepEqual([reply.status, reply.body], [503, '{"code":"NotReady","message":"The fleet is not read yet."}']);
    assert.equal(reply.headers['content-type'], JSON_TYPE);
    assert.equal((await ops({ path: '/livez' })).status, 200);
    reason = null;
    assert.equal((await ops({ path: '/readyz' })).status, 200);
  });

  it("tells on request how each part is, in the words of Kubernetes' own probes", async (t) => {
    let reason: string | null = 'the fleet has not been read yet';
    const checks = () => [
      { name: 'pods', ok: true, says: 'ok' },
      { name: 'modelservings', ok: reason === null, says: reason === null ? 'ok' : 'not listed yet' },
    ];
    const ops = await serve(t, { unready: () => reason, checks });
    const unready = await ops({ path: '/readyz?verbose' });
    assert.deepEqual(
      [unready.status, unready.body],
      [503, '[+]pods ok\n[-]modelservings not listed yet\nreadyz check failed: the fleet has not been read yet\n'],
    );
    reason = null;
    const ready = await ops({ path: '/readyz?verbose=true' });
    assert.deepEqual([ready.status, ready.body], [200, '[+]pods ok\n[+]modelservings ok\nreadyz check passed\n']);
    assert.equal(ready.headers['content-type'], 'text/plain; charset=utf-8');
  });

  it('answers a path that looks like a pattern as any other that is not there', async (t) => {
    const { log, logged } = recordingLog('error');
    const ops = await serve(t, { log });
    for (const path of ['/:x(', '/:x((a+)+$)', '/*']) assert.equal((await ops({ path })).status, 404);
    assert.deepEqual(logged, []);
  });

  it('says its version and that of node', async (t) => {
    const ops = await serve(t);
    assert.equal((await ops({ path: '/version' })).body, `{"version":"1.2.3","node":"${process.version}"}`);
  });

  it('gives the costs as JSON', async (t) => {
    const ops = await serve(t);
    const reply = await ops({ path: '/costs' });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], JSON_TYPE);
    assert.equal(reply.body, '[{"pod":"ns/p","node":"n1","cost":"57","owner":"packdown"}]');
  });

  it('gives the metrics in the format that Prometheus is told', async (t) => {
    const ops = await serve(t);
    const reply = await ops({ path: '/metrics' });
    assert.deepEqual([reply.status, reply.body], [200, 'packdown_leader 1\n']);
    assert.equal(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  });

  const queries = {
    '/plan': '{"scales":[],"policy":null}',
    '/plan?scale=a&scale=b&policy=ordinal': '{"scales":["a","b"],"policy":"ordinal"}',
    '/plan?scale=ModelServing%2Fns%2Fms%3Aprefill%3D3': '{"scales":["ModelServing/ns/ms:prefill=3"],"policy":null}',
    '/plan?scale=ModelServing/ns/ms=3': '{"scales":["ModelServing/ns/ms=3"],"policy":null}',
  };
  for (const [path, body] of Object.entries(queries)) {
    it(`reads ${path}`, async (t) => {
      const ops = await serve(t);
      assert.equal((await ops({ path })).body, body);
    });
  }

  it('answers a coded error of the planner with 400', async (t) => {
    const plan = async () => {
      throw new CodedError('UnknownWorkload', 'There is no such workload.');
    };
    const reply = await (await serve(t, { plan }))({ path: '/plan?scale=x' });
    assert.deepEqual(
      [reply.status, reply.body],
      [400, '{"code":"UnknownWorkload","message":"There is no such workload."}'],
    );
  });

  for (const method of ['POST', 'HEAD', 'DELETE']) {
    it(`refuses ${method} with 405`, async (t) => {
      const ops = await serve(t);
      const reply = await ops({ path: '/livez', method });
      assert.deepEqual([reply.status, reply.headers.allow], [405, 'GET']);
      const body = `{"code":"MethodNotAllowed","message":"/livez does not take ${method}: send GET."}`;
      assert.equal(reply.body, method === 'HEAD' ? '' : body);
    });
  }

  it('has nothing at an unknown path', async (t) => {
    const ops = await serve(t);
    const reply = await ops({ path: '/nothing' });
    assert.deepEqual(
      [reply.status, reply.body],
      [404, '{"code":"NotFound","message":"There is nothing at /nothing: check the path."}'],
    );
  });
});

describe('from another address', { skip: onlyLoopback }, () => {
  const host = externalAddress ?? '';

  it('the fleet is not shown, and probes are answered', async (t) => {
    const ops = await serve(t, { host });
    for (const path of ['/costs', '/plan?scale=x']) {
      const reply = await ops({ host, path });
      assert.equal(reply.status, 403);
      assert.equal(
        reply.body,
        `{"code":"FleetNotExposed","message":"${path.split('?')[0]} answers this host only: ask from inside the pod (kubectl port-forward does), or start with --expose-fleet."}`,
      );
    }
    for (const path of ['/readyz', '/metrics']) assert.equal((await ops({ host, path })).status, 200);
  });

  it('a header that claims the loopback changes nothing', async (t) => {
    const ops = await serve(t, { host });
    const headers = { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' };
    assert.equal((await ops({ host, path: '/costs', headers })).status, 403);
  });

  it('the fleet is shown when it is exposed', async (t) => {
    const ops = await serve(t, { host, exposeFleet: true });
    for (const path of ['/costs', '/plan?scale=x']) assert.equal((await ops({ host, path })).status, 200);
  });
});

describe('asked by a name that is not the loopback, as a page of somebody else in a browser asks', () => {
  const local = ['/costs', '/plan?scale=x', '/debug/flags/log-level'];
  const foreign = ['evil.example', 'evil.example:8080', 'localhost.evil.example', '127.0.0.1.nip.io:8080', '10.0.0.7'];

  for (const header of foreign) {
    it(`${header}: what is for this host only is refused, and probes and scrapes are answered`, async (t) => {
      const ops = await serve(t);
      const headers = { host: header };
      for (const path of local) {
        const reply = await ops({ path, headers });
        const message = `${path.split('?')[0]} answers to localhost, 127.0.0.1 and [::1] only: ask it by one of these.`;
        assert.deepEqual([reply.status, reply.body], [403, JSON.stringify({ code: 'ForeignHost', message })]);
      }
      for (const path of ['/livez', '/readyz', '/metrics', '/version']) {
        assert.equal((await ops({ path, headers })).status, 200, path);
      }
    });
  }

  it('the log level stays as it is', async (t) => {
    const { log } = recordingLog();
    const ops = await serve(t, { log, exposeFleet: true });
    const headers = { host: 'evil.example' };
    const reply = await ops({ path: '/debug/flags/log-level', method: 'PUT', body: 'silent', headers });
    assert.deepEqual([reply.status, log.level], [403, 'info']);
  });

  it('the fleet is shown when it is exposed: it is then asked by other names too', async (t) => {
    const ops = await serve(t, { exposeFleet: true });
    assert.equal((await ops({ path: '/costs', headers: { host: 'packdown.example:8080' } })).status, 200);
  });
});

describe('asked by a name of the loopback', () => {
  for (const header of ['localhost', 'LOCALHOST:18080', '127.0.0.1', '127.0.0.1:8080', '[::1]', '[::1]:8080']) {
    it(`${header}: the fleet is shown`, async (t) => {
      const ops = await serve(t);
      assert.equal((await ops({ path: '/costs', headers: { host: header } })).status, 200);
    });
  }
});

describe('the log', () => {
  it('has the beginning of a path that is long, and no more', async (t) => {
    const { log, logged } = recordingLog();
    const ops = await serve(t, { log });
    const path = `/${'x'.repeat(5000)}`;
    assert.equal((await ops({ path })).status, 404);
    assert.equal((await ops({ path: '/nothing?a=b' })).status, 404);
    assert.deepEqual(
      logged.map(({ route }) => route),
      [path.slice(0, 100), '/nothing'],
    );
  });
});

describe('the loopback', () => {
  for (const address of ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1']) {
    it(`has ${address}`, () => assert.equal(isLoopback(address), true));
  }
  for (const address of [
    '10.0.0.1',
    '128.0.0.1',
    '0.0.0.0',
    '::',
    '::2',
    '::ffff:10.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
  ]) {
    it(`does not have ${address}`, () => assert.equal(isLoopback(address), false));
  }
});
