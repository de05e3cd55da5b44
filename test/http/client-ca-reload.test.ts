import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { makeClientCertificates } from './client-certificates.ts';
import { converse } from './http-client.ts';
import { IN_USE, serveReloading, temporaryFolder, writePair } from './reloading-server.ts';
import { certificates } from './test-server.ts';

const half = (pem: string) => pem.slice(0, pem.length / 2);

describe('a new client CA', () => {
  const bytes = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

  async function serveClients(t: TestContext) {
    const [ours, theirs] = [await makeClientCertificates('our CA'), await makeClientCertificates('their CA')];
    const folder = temporaryFolder(t);
    writePair(folder, certificates);
    writeFileSync(join(folder, 'ca.crt'), ours.ca);
    const server = await serveReloading(t, folder, { clientCa: join(folder, 'ca.crt') });
    const statusOf = async ({ cert, key }: typeof ours) => (await server.call(certificates.ca, { cert, key })).status;
    return { folder, server, ours, theirs, statusOf };
  }

  it('decides who may call from then on', async (t) => {
    const { folder, server, ours, theirs, statusOf } = await serveClients(t);
    assert.deepEqual([await statusOf(ours), await statusOf(theirs)], [200, 403]);
    writeFileSync(join(folder, 'ca.crt'), theirs.ca);
    await server.told(IN_USE);
    assert.deepEqual([await statusOf(ours), await statusOf(theirs)], [403, 200]);
  });

  it('may stand beside the one before', async (t) => {
    const { folder, server, ours, theirs, statusOf } = await serveClients(t);
    writeFileSync(join(folder, 'ca.crt'), `${ours.ca}\n${theirs.ca}\n`);
    await server.told(IN_USE);
    assert.deepEqual([await statusOf(ours), await statusOf(theirs)], [200, 200]);
  });

  it('is not got around by resuming a session of the CA before', async (t) => {
    const { folder, server, ours, theirs } = await serveClients(t);
    const options = { port: server.port, ca: certificates.ca, cert: ours.cert, key: ours.key };
    const { session, text } = await converse(options, bytes);
    assert.match(text, /^HTTP\/1\.1 404 /);
    assert.ok(session);
    assert.equal((await converse({ ...options, session }, bytes)).resumed, true);
    writeFileSync(join(folder, 'ca.crt'), theirs.ca);
    await server.told(IN_USE);
    const after = await converse({ ...options, session }, bytes);
    assert.equal(after.resumed, false);
    assert.match(after.text, /^HTTP\/1\.1 403 /);
  });

  it('leaves a connection of a client that was let in as it is', async (t) => {
    const { folder, server, ours, theirs } = await serveClients(t);
    const agent = new Agent({ keepAlive: true, cert: ours.cert, key: ours.key });
    t.after(() => agent.destroy());
    await server.call(certificates.ca, { agent });
    writeFileSync(join(folder, 'ca.crt'), theirs.ca);
    await server.told(IN_USE);
    const reply = await server.call(certificates.ca, { agent });
    assert.deepEqual([reply.status, reply.reused], [200, true]);
  });

  for (const [title, pem] of [
    ['half written', half(certificates.ca)],
    ['cut to nothing', ''],
  ] as const) {
    it(`that is ${title} lets nobody else in and keeps nobody out`, async (t) => {
      const { folder, server, ours, theirs, statusOf } = await serveClients(t);
      writeFileSync(join(folder, 'ca.crt'), pem);
      await server.told('InvalidClientCa');
      assert.deepEqual([await statusOf(ours), await statusOf(theirs)], [200, 403]);
    });
  }
});
