import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { makeCertificates } from '../../src/http/certificates.ts';
import { scaleReview } from '../builders/review.ts';
import { deployment } from '../builders/workload.ts';
import { serveReplicaSet } from '../commands/serve-replica-set.ts';
import { call } from '../http/http-client.ts';
import { IN_USE, mountSecret, temporaryFolder, writePair } from '../http/reloading-server.ts';
import { until } from './control-plane/wait.ts';
import { startWebhookLoad } from './load/webhook-load.ts';

const LANES = 16;
const ROTATIONS = 4;

const first = await makeCertificates({ now: new Date() });
const second = await makeCertificates({ now: new Date() });

const web = deployment(6, { kind: 'ReplicaSet' });

/** `packdown serve` on tls.crt and tls.key of a folder, with `web` as its fleet, once it is ready. */
async function serve(t: TestContext, certificates: string) {
  const { port, opsPort, told, child, ended } = await serveReplicaSet(t, web, certificates);
  await until('packdown to be ready', async () => (await call({ port: opsPort, path: '/readyz' })).status === 200);
  return { port, told, child, ended };
}

const request = (port: number) => ({
  port,
  method: 'POST',
  path: '/validate',
  headers: { 'content-type': 'application/json' },
});

suite('packdown serve under load', () => {
  for (const round of [1, 2, 3]) {
    test(`SIGTERM leaves no request without its answer, and tells every connection to close (${round})`, async (t) => {
      const folder = temporaryFolder(t);
      writePair(folder, first);
      const { port, child, ended } = await serve(t, folder);
      const load = startWebhookLoad({ port, ca: first.ca, lanes: LANES, keepAlive: true });
      await until('the load to run', async () => load.answered() >= LANES * 20);

      const agent = new Agent({ keepAlive: true });
      t.after(() => agent.destroy());
      const scale = (replicas: number) =>
        call({ ...request(port), ca: first.ca, agent, body: JSON.stringify(scaleReview(web, replicas)) });
      await scale(7);
      // Its answer waits for `steering.settle`, and the signal comes before.
      const steered = scale(2);
      child.kill('SIGTERM');
      const { body, reused } = await steered;
      assert.match(body, /will go/);
      assert.equal(reused, true);
      await load.ended;
      assert.deepEqual(load.failures, []);
      assert.equal(load.toldToClose(), LANES);
      assert.deepEqual(await ended, [0, null]);
    });
  }

  const swaps: [string, (folder: string) => (pair: typeof first, version: number) => void][] = [
    ['overwritten', (folder) => (pair) => writePair(folder, pair)],
    [
      'swapped by the symlink of a mounted Secret',
      (folder) => {
        for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(folder, name));
        return (pair, version) => mountSecret(folder, `..v${version}`, pair);
      },
    ],
  ];
  for (const [how, prepare] of swaps) {
    test(`certificates ${how} fail no request, and new connections get the new one`, async (t) => {
      const folder = temporaryFolder(t);
      const swap = prepare(folder);
      swap(first, 0);
      const { port, told } = await serve(t, folder);
      const common = { port, ca: first.ca + second.ca, lanes: LANES / 2 };
      const loads = [true, false].map((keepAlive) => startWebhookLoad({ ...common, keepAlive }));
      const answered = () => Math.min(...loads.map((load) => load.answered()));
      for (let version = 1; version <= ROTATIONS; version += 1) {
        const [next, other] = version % 2 === 1 ? [second, first] : [first, second];
        const before = answered();
        swap(next, version);
        await told(IN_USE);
        const fresh = { ...request(port), body: JSON.stringify(scaleReview(web, 7)) };
        assert.equal((await call({ ...fresh, ca: next.ca })).status, 200);
        await assert.rejects(call({ ...fresh, ca: other.ca }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
        await until('the load to run on', async () => answered() >= before + LANES * 5);
      }
      await Promise.all(loads.map((load) => load.end()));
      assert.deepEqual(
        loads.flatMap(({ failures }) => failures),
        [],
      );
    });
  }
});
