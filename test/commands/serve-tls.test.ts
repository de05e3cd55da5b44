import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { makeCertificates } from '../../src/http/certificates.ts';
import { scaleReview } from '../builders/review.ts';
import { deployment } from '../builders/workload.ts';
import { makeClientCertificates } from '../http/client-certificates.ts';
import { type Call, call } from '../http/http-client.ts';
import { IN_USE, temporaryFolder, writePair } from '../http/reloading-server.ts';
import { readExposition } from '../observability/exposition.ts';
import { serveReplicaSet } from './serve-replica-set.ts';

const PODS = 13;
const web = deployment(PODS, { kind: 'ReplicaSet' });

const first = await makeCertificates({ now: new Date() });
const second = await makeCertificates({ now: new Date(Date.now() - 24 * 3_600_000) });

/** As certificates have it: without a fraction. */
const secondsOf = (time: Date) => Math.floor(time.getTime() / 1000);

/** `packdown serve` on tls.crt and tls.key of a folder, ended with the test. */
async function serve(t: TestContext, flags: (folder: string) => readonly string[] = () => []) {
  const folder = temporaryFolder(t);
  writePair(folder, first);
  const { told, port, opsPort } = await serveReplicaSet(t, web, folder, flags(folder));
  const post = (options: Call) =>
    call({ port, method: 'POST', path: '/validate', headers: { 'content-type': 'application/json' }, ...options });
  const expiry = async () => {
    const families = readExposition((await call({ port: opsPort, path: '/metrics' })).body);
    return [...(families.get('packdown_certificate_expiry_timestamp_seconds')?.series.values() ?? [])];
  };
  return { folder, told, post, expiry };
}

/** What is said to one scale-down after the other, each of which makes one more pod a victim. */
async function steerEleven(post: (options: Call) => ReturnType<typeof call>, options: Call): Promise<string[]> {
  const answers: string[] = [];
  for (let to = PODS - 1; answers.length < 11; to -= 1) {
    answers.push((await post({ ...options, body: JSON.stringify(scaleReview(web, to)) })).body);
  }
  return answers;
}

describe('packdown serve', () => {
  it('presents a new certificate as soon as its files have changed, and says when it expires', async (t) => {
    const { folder, told, post, expiry } = await serve(t);
    assert.equal((await post({ ca: first.ca, body: JSON.stringify(scaleReview(web, 12)) })).status, 200);
    assert.deepEqual(await expiry(), [secondsOf(first.notAfter)]);
    writePair(folder, second);
    await told(IN_USE);
    assert.deepEqual(await expiry(), [secondsOf(second.notAfter)]);
    assert.equal((await post({ ca: second.ca, body: JSON.stringify(scaleReview(web, 12)) })).status, 200);
  });

  it('steers a workload ten times at once for callers without a client certificate', async (t) => {
    const { post } = await serve(t);
    const answers = await steerEleven(post, { ca: first.ca });
    assert.deepEqual(
      answers.map((answer) => answer.includes('will go')),
      [...Array<boolean>(10).fill(true), false],
    );
    assert.match(answers.at(-1) ?? '', /packdown: ReplicaSet\/default\/web was steered too often; nothing was written/);
  });

  it('steers a workload without a limit where --client-ca demands client certificates', async (t) => {
    const { ca, cert, key } = await makeClientCertificates();
    const { post } = await serve(t, (folder) => {
      writeFileSync(join(folder, 'ca.crt'), ca);
      return ['--client-ca', join(folder, 'ca.crt')];
    });
    const answers = await steerEleven(post, { ca: first.ca, cert, key });
    for (const answer of answers) assert.match(answer, /will go/);
  });
});
