import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { connect, type SecureVersion } from 'node:tls';
import { CodedError } from '../../src/domain/coded-error.ts';
import { makeCertificates } from '../../src/http/certificates.ts';
import { startServer } from '../../src/http/server.ts';
import { certificates, echo, recordingLog, serve } from './test-server.ts';

const other = await makeCertificates({ now: new Date() });

async function protocolWith(port: number, version: SecureVersion): Promise<string | null> {
  // OpenSSL offers TLS 1.1 only at security level 0.
  const ciphers = 'DEFAULT@SECLEVEL=0';
  const socket = connect({ port, ca: certificates.ca, ciphers, minVersion: version, maxVersion: version });
  await once(socket, 'secureConnect');
  const protocol = socket.getProtocol();
  socket.destroy();
  return protocol;
}

describe('TLS', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] satisfies SecureVersion[]) {
    it(`${version} is spoken`, async (t) => {
      const server = await serve(t, [echo]);
      assert.equal(await protocolWith(server.port, version), version);
    });
  }

  for (const version of ['TLSv1', 'TLSv1.1'] satisfies SecureVersion[]) {
    it(`${version} is refused by the server`, async (t) => {
      const server = await serve(t, [echo]);
      await assert.rejects(protocolWith(server.port, version), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    });
  }

  for (const servername of ['localhost', 'packdown.packdown-system.svc']) {
    it(`verifies as ${servername}`, async (t) => {
      const server = await serve(t, [echo]);
      assert.equal((await server.call({ servername })).status, 200);
    });
  }

  it('does not verify as another name', async (t) => {
    const server = await serve(t, [echo]);
    await assert.rejects(server.call({ servername: 'packdown.default.svc' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });

  it('is not trusted by a caller that knows another CA of the same name', async (t) => {
    const server = await serve(t, [echo]);
    await assert.rejects(server.call({ ca: other.ca }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });
});

describe('a server does not start', () => {
  const options = {
    host: '127.0.0.1',
    port: 0,
    tls: certificates,
    clientCa: null,
    log: recordingLog().log,
    routes: [],
  };
  const withCode = (code: string) => (error: unknown) => error instanceof CodedError && error.code === code;

  it('with a key that is not of its certificate', async () => {
    const tls = { cert: certificates.cert, key: other.key };
    await assert.rejects(startServer({ ...options, tls }), withCode('InvalidCertificate'));
  });

  it('with a client CA that is no certificate', async () => {
    await assert.rejects(startServer({ ...options, clientCa: 'no PEM' }), withCode('InvalidClientCa'));
  });

  it('on a port that is taken, or an address of another machine, and says which of the two to change', async (t) => {
    const { port } = await serve(t, []);
    await assert.rejects(startServer({ ...options, port }), {
      code: 'CannotListen',
      message: /: choose another port\.$/,
    });
    await assert.rejects(startServer({ ...options, host: '192.0.2.1' }), {
      code: 'CannotListen',
      message: /^Cannot listen on 192\.0\.2\.1, port 0 .*: choose an address of this machine\.$/,
    });
  });
});
