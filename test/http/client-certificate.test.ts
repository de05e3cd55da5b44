import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeClientCertificates } from './client-certificates.ts';
import { converse } from './http-client.ts';
import { certificates, echo, serve } from './test-server.ts';

const ours = await makeClientCertificates();
const foreign = await makeClientCertificates();

const REQUIRED =
  '{"code":"ClientCertificateRequired","message":"This port asks for a client certificate and none was presented: configure the caller with one signed by --client-ca."}';
const rejected = (why: string) =>
  `{"code":"ClientCertificateRejected","message":"The client certificate is not accepted (${why}): present one signed by --client-ca, valid now and for clientAuth."}`;

describe('with a client CA', () => {
  it('a client with a certificate of that CA is served', async (t) => {
    const server = await serve(t, [echo], ours.ca);
    assert.equal((await server.call({ cert: ours.cert, key: ours.key })).status, 200);
  });

  it('a client without a certificate is refused with 401, on every path and method', async (t) => {
    const server = await serve(t, [echo], ours.ca);
    for (const call of [{}, { path: '/nothing' }, { method: 'GET', body: '' }, { body: '{' }]) {
      const reply = await server.call(call);
      assert.deepEqual([reply.status, reply.body], [401, REQUIRED]);
    }
  });

  it('a client with a certificate of another CA, be it of the same name, is refused with 403', async (t) => {
    const server = await serve(t, [echo], ours.ca);
    const reply = await server.call({ cert: foreign.cert, key: foreign.key });
    assert.deepEqual([reply.status, reply.body], [403, rejected('CERT_SIGNATURE_FAILURE')]);
  });

  it('a client with a certificate that is for servers only is refused with 403', async (t) => {
    const server = await serve(t, [echo], certificates.ca);
    const reply = await server.call({ cert: certificates.cert, key: certificates.key });
    assert.deepEqual([reply.status, reply.body], [403, rejected('INVALID_PURPOSE')]);
  });

  it('a client that resumes a session in which it had no certificate is still refused', async (t) => {
    const server = await serve(t, [echo], ours.ca);
    const bytes = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const options = { port: server.port, ca: certificates.ca };
    const { session } = await converse(options, bytes);
    assert.ok(session);
    const { text, resumed } = await converse({ ...options, session }, bytes);
    assert.equal(resumed, true);
    assert.match(text, /^HTTP\/1\.1 401 /);
  });
});

describe('without a client CA', () => {
  it('no client is asked for a certificate', async (t) => {
    const server = await serve(t, [echo]);
    assert.equal((await server.call()).status, 200);
  });
});
