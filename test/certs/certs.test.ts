import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runCerts } from '../../src/commands/certs.ts';
import { CodedError } from '../../src/domain/coded-error.ts';

const service = 'packdown.packdown-system.svc';
const now = new Date('2026-01-31T12:00:00Z');

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'packdown-certs-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

async function run(out: string, name = service): Promise<{ code: number; printed: string[] }> {
  const printed: string[] = [];
  const code = await runCerts({ out, service: name }, { stdout: (line) => printed.push(line), now });
  return { code, printed };
}

const withCode = (code: string) => (error: unknown) => error instanceof CodedError && error.code === code;

describe('the certs command', () => {
  it('writes a CA, a certificate that it signed, and the key of that, into a directory that it makes', async (t) => {
    const out = join(await directory(t), 'a', 'b');
    assert.equal((await run(out, 'pd.gpu.svc')).code, 0);
    assert.deepEqual(await readdir(out), ['ca.crt', 'tls.crt', 'tls.key']);
    const ca = new X509Certificate(await readFile(join(out, 'ca.crt')));
    const cert = new X509Certificate(await readFile(join(out, 'tls.crt')));
    assert.equal(cert.verify(ca.publicKey), true);
    assert.equal(cert.checkHost('pd.gpu.svc'), 'pd.gpu.svc');
    assert.match(await readFile(join(out, 'tls.key'), 'utf8'), /^-----BEGIN PRIVATE KEY-----\n/);
  });

  it('lets only its owner read the key', async (t) => {
    const out = await directory(t);
    await run(out);
    assert.equal((await stat(join(out, 'tls.key'))).mode & 0o777, 0o600);
  });

  it('prints one line, the caBundle, which decodes to ca.crt', async (t) => {
    const out = await directory(t);
    const { printed } = await run(out);
    assert.equal(printed.length, 1);
    const [, bundle = ''] = /^caBundle: ([A-Za-z0-9+/]+=*)$/.exec(printed[0] ?? '') ?? [];
    assert.equal(Buffer.from(bundle, 'base64').toString(), await readFile(join(out, 'ca.crt'), 'utf8'));
  });

  for (const file of ['ca.crt', 'tls.crt', 'tls.key']) {
    it(`leaves everything as it is when ${file} exists`, async (t) => {
      const out = await directory(t);
      await writeFile(join(out, file), 'mine');
      await assert.rejects(run(out), {
        code: 'FileExists',
        message: `${join(out, file)} exists and is not overwritten: remove it or choose another --out.`,
      });
      assert.deepEqual(await readdir(out), [file]);
      assert.equal(await readFile(join(out, file), 'utf8'), 'mine');
    });
  }

  it('says so when the directory is a file', async (t) => {
    const file = join(await directory(t), 'file');
    await writeFile(file, '');
    await assert.rejects(run(file), withCode('CannotWrite'));
  });

  it('writes nothing for a service name that is none', async (t) => {
    const out = await directory(t);
    await assert.rejects(run(out, 'packdown'), withCode('InvalidService'));
    assert.deepEqual(await readdir(out), []);
  });
});
