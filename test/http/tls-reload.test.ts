import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { makeCertificates } from '../../src/http/certificates.ts';
import { reloadTls } from '../../src/http/tls-reload.ts';
import { IN_USE, manualPolls, mountSecret, serveReloading, temporaryFolder, writePair } from './reloading-server.ts';
import { recordingLog } from './test-server.ts';

const first = await makeCertificates({ now: new Date() });
const second = await makeCertificates({ now: new Date() });
const half = (pem: string) => pem.slice(0, pem.length / 2);

type Server = Awaited<ReturnType<typeof serveReloading>>;

async function assertPresents(server: Server, certificates: typeof first): Promise<void> {
  assert.equal((await server.call(certificates.ca)).status, 200);
  const other = certificates === first ? second : first;
  await assert.rejects(server.call(other.ca), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
}

async function serveFirst(t: TestContext, { delay } = manualPolls()) {
  const folder = temporaryFolder(t);
  writePair(folder, first);
  return { folder, server: await serveReloading(t, folder, { delay }) };
}

describe('a new certificate', () => {
  it('is presented to new connections, and logged with its end', async (t) => {
    const { folder, server } = await serveFirst(t);
    await assertPresents(server, first);
    writePair(folder, second);
    const notAfter = new Date(Math.floor(second.notAfter.getTime() / 1000) * 1000).toISOString();
    assert.deepEqual((await server.told(IN_USE)).at(-1), { level: 30, notAfter, msg: IN_USE });
    await assertPresents(server, second);
  });

  it('leaves a connection that is open as it is', async (t) => {
    const { folder, server } = await serveFirst(t);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await server.call(first.ca, { agent });
    writePair(folder, second);
    await server.told(IN_USE);
    await assertPresents(server, second);
    const reply = await server.call(first.ca, { agent });
    assert.deepEqual([reply.status, reply.reused], [200, true]);
  });

  it('costs no request, however often it comes under load', async (t) => {
    const { folder, server } = await serveFirst(t);
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    t.after(() => agent.destroy());
    let done = false;
    let answered = 0;
    const load = [{}, {}, { agent }, { agent }].map(async (options) => {
      while (!done) {
        assert.equal((await server.call(first.ca + second.ca, options)).status, 200);
        answered += 1;
      }
    });
    for (const next of [second, first, second, first, second]) {
      const before = answered;
      writePair(folder, next);
      await Promise.race([server.told(IN_USE), ...load]);
      while (answered < before + 8) await Promise.race([server.call(next.ca), ...load]);
    }
    done = true;
    await Promise.all(load);
  });

  it('is noticed when it is renamed into place', async (t) => {
    const { folder, server } = await serveFirst(t);
    const aside = temporaryFolder(t);
    writePair(aside, second);
    for (const name of ['tls.key', 'tls.crt']) renameSync(join(aside, name), join(folder, name));
    await server.told(IN_USE);
    await assertPresents(server, second);
  });

  it('is noticed when the kubelet swaps the symlink of the mount, again and again', async (t) => {
    const mount = temporaryFolder(t);
    mountSecret(mount, '..v1', first);
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(mount, name));
    const server = await serveReloading(t, mount);
    for (const [version, next] of [
      ['..v2', second],
      ['..v3', first],
    ] as const) {
      mountSecret(mount, version, next);
      await server.told(IN_USE);
      await assertPresents(server, next);
    }
  });
});

describe('files that cannot be used', () => {
  const broken: readonly [title: string, code: string, break_: (folder: string) => void][] = [
    [
      'a new certificate whose key has not come yet',
      'InvalidCertificate',
      (folder) => put(folder, 'tls.crt', second.cert),
    ],
    [
      'a new key whose certificate has not come yet',
      'InvalidCertificate',
      (folder) => put(folder, 'tls.key', second.key),
    ],
    ['a certificate half written', 'InvalidCertificate', (folder) => put(folder, 'tls.crt', half(second.cert))],
    ['a key half written', 'InvalidCertificate', (folder) => put(folder, 'tls.key', half(second.key))],
    ['a certificate cut to nothing', 'InvalidCertificate', (folder) => put(folder, 'tls.crt', '')],
    ['a key cut to nothing', 'InvalidCertificate', (folder) => put(folder, 'tls.key', '')],
    ['a certificate that is gone', 'UnreadableFile', (folder) => unlinkSync(join(folder, 'tls.crt'))],
    ['a key that is gone', 'UnreadableFile', (folder) => unlinkSync(join(folder, 'tls.key'))],
  ];
  for (const [title, code, break_] of broken) {
    it(`keep the pair before in use, and are tried again: ${title}`, async (t) => {
      const { folder, server } = await serveFirst(t);
      break_(folder);
      await server.told(code);
      await assertPresents(server, first);
      writePair(folder, second);
      await server.told(IN_USE);
      await assertPresents(server, second);
    });
  }

  it('are not logged again while they stay the same', async (t) => {
    const polls = manualPolls();
    const { folder, server } = await serveFirst(t, polls);
    put(folder, 'tls.key', '');
    await server.told('InvalidCertificate');
    for (let time = 0; time < 3; time += 1) await polls.poll();
    assert.deepEqual(server.logged, []);
  });

  it('are logged again when they come back', async (t) => {
    const { folder, server } = await serveFirst(t);
    for (let time = 0; time < 2; time += 1) {
      unlinkSync(join(folder, 'tls.key'));
      await server.told('UnreadableFile');
      writePair(folder, time === 0 ? second : first);
      await server.told(IN_USE);
    }
  });
});

describe('a change', () => {
  it('is read a while after it began, so that certificate and key are seen together', async (t) => {
    const settling = Promise.withResolvers<void>();
    const settled = Promise.withResolvers<void>();
    let settle = async () => {};
    const polls = manualPolls(() => settle());
    const { folder, server } = await serveFirst(t, polls);
    await polls.poll();
    settle = () => {
      settling.resolve();
      return settled.promise;
    };
    put(folder, 'tls.crt', second.cert);
    await settling.promise;
    put(folder, 'tls.key', second.key);
    settled.resolve();
    assert.equal((await server.told(IN_USE)).length, 1);
    await assertPresents(server, second);
  });

  it('that cannot be watched is found by the next poll', async (t) => {
    const [elsewhere, folder] = [temporaryFolder(t), temporaryFolder(t)];
    writePair(elsewhere, first);
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(join(elsewhere, name), join(folder, name));
    const polls = manualPolls();
    const server = await serveReloading(t, folder, polls);
    await polls.poll();
    writePair(elsewhere, second);
    await assertPresents(server, first);
    await polls.poll();
    await assertPresents(server, second);
  });

  it('in a folder that was removed and made anew is found by the next poll', async (t) => {
    const folder = join(temporaryFolder(t), 'tls');
    mkdirSync(folder);
    writePair(folder, first);
    const polls = manualPolls();
    const server = await serveReloading(t, folder, polls);
    rmSync(folder, { recursive: true });
    await server.told('UnreadableFile');
    mkdirSync(folder);
    writePair(folder, second);
    await polls.poll();
    await assertPresents(server, second);
  });
});

describe('a folder that cannot be watched', () => {
  it('is logged, and its files are read by and by', async (t) => {
    const { log, logged } = recordingLog();
    const polls = manualPolls();
    const missing = join(temporaryFolder(t), 'missing');
    let found = { tls: first, clientCa: null };
    const used: unknown[] = [];
    const reload = reloadTls({
      files: [join(missing, 'tls.crt'), join(missing, 'tls.key')],
      read: async () => found,
      current: found,
      use: (settings) => used.push(settings),
      log,
      delay: polls.delay,
    });
    t.after(() => reload.close());
    assert.deepEqual(
      logged.map(({ level, code, folder }) => ({ level, code, folder })),
      [{ level: 40, code: 'CannotWatch', folder: missing }],
    );
    found = { tls: second, clientCa: null };
    await polls.poll();
    assert.deepEqual(used, [found]);
  });
});

describe('a reload that is closed', () => {
  it('ends without waiting for a change or a poll', async (t) => {
    const settings = { tls: first, clientCa: null };
    const polls = manualPolls();
    const reload = reloadTls({
      files: [join(temporaryFolder(t), 'tls.crt')],
      read: async () => settings,
      current: settings,
      use: () => assert.fail('nothing has changed'),
      log: recordingLog().log,
      delay: polls.delay,
    });
    await polls.poll();
    await reload.close();
  });
});

function put(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}
