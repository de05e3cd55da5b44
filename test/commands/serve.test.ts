import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { targetSetOf } from '../../src/cluster/target-set.ts';
import { VERSION } from '../../src/version.ts';
import { isObject, listAt, objectAt } from '../../src/workloads/core/json.ts';
import { bindingReview, review } from '../builders/review.ts';
import { call } from '../http/http-client.ts';
import { readExposition } from '../observability/exposition.ts';
import { byName, scoresOf } from '../scheduler/extender-bodies.ts';
import { kubeconfigOf } from './cluster.ts';
import { isRefused, lineSaying, PATIENCE, type Served, serve, start } from './packdown-process.ts';
import { EXAMPLE_FLEET, run, temporaryFile } from './run-in-process.ts';

const COST = 'controller.kubernetes.io/pod-deletion-cost';
const NODES = ['gpu-1', 'gpu-2', 'gpu-3', 'gpu-4', 'gpu-5', 'gpu-6'];
const CHAT = '0231494a-2f63-4efd-904d-862bb17d91e8';
const MODEL_SERVINGS = { group: 'workload.serving.volcano.sh', version: 'v1alpha1', resource: 'modelservings' };

const scale = (replicas: number) => ({ metadata: { name: 'chat', namespace: 'llm', uid: CHAT }, spec: { replicas } });
const scaleDown = review({
  uid: '1',
  resource: MODEL_SERVINGS,
  subResource: 'scale',
  namespace: 'llm',
  name: 'chat',
  oldObject: scale(4),
  object: scale(3),
});

async function ours({ get }: Served): Promise<readonly string[]> {
  const costs: unknown = JSON.parse((await get('/costs')).body);
  assert.ok(Array.isArray(costs));
  return costs.filter(isObject).flatMap(({ pod, cost, owner }) => (owner === 'packdown' ? [`${pod} ${cost}`] : []));
}

describe('packdown serve', { timeout: PATIENCE }, () => {
  it('answers reviews, the scheduler and the ops port, and steers what it admits', async (t) => {
    const served = await serve(t);
    const { get, post } = served;

    for (const path of ['/livez', '/readyz']) assert.deepEqual(await statusAndBody(get(path)), [200, 'ok']);
    assert.deepEqual(JSON.parse((await get('/version')).body), { version: VERSION, node: process.version });

    const scales = ['ModelServing/llm/chat=2', 'Deployment/llm/embed=4'];
    const argv = ['plan', '--fleet', EXAMPLE_FLEET, '-o', 'json', ...scales.flatMap((scale) => ['--scale', scale])];
    // A command that ends has no target set to look ahead to. The example fleet's is empty: no floor frees a node.
    const cold = (await run(argv)).stdout.join('');
    const { version } = targetSetOf([]);
    assert.equal(await planOf(served, ...scales), cold.replace('"targetSet":null', `"targetSet":"${version}"`));
    assert.deepEqual(await statusAndBody(get('/plan?scale=ModelServing/llm/cat=2')), [
      400,
      '{"code":"NotFound","message":"ModelServing/llm/cat is not in the fleet"}',
    ]);
    assert.deepEqual(await statusAndBody(get('/plan?scale=ModelServing/llm/chat=2&policy=random')), [
      400,
      '{"code":"WrongUsage","message":"policy=random is none of consolidate, binpack, ordinal"}',
    ]);
    assert.equal((await get('/plan?scale=ModelServing/llm/chat=2&scale=ModelServing/llm/chat=3')).status, 400);

    const before = await ours(served);
    const admitted = await post('/validate?timeout=5s', scaleDown);
    assert.equal(admitted.status, 200);
    assert.equal(
      admitted.body,
      '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"1","allowed":true,' +
        '"auditAnnotations":{"victims":"chat-1","nodes-freed":"gpu-1"},' +
        '"warnings":["packdown: chat-1 will go, which frees gpu-1"]}}',
    );
    const written = (await ours(served)).filter((cost) => !before.includes(cost));
    assert.ok(written.some((cost) => cost.startsWith('llm/chat-1-')));

    const filtered = objectAt(JSON.parse((await post('/scheduler/filter', byName(NODES))).body));
    assert.deepEqual(
      filtered.NodeNames,
      NODES.filter((name) => name !== 'gpu-1'),
    );
    const priorities: unknown = JSON.parse((await post('/scheduler/prioritize', byName(NODES))).body);
    assert.ok(Array.isArray(priorities));
    assert.equal(priorities.length, NODES.length);
    assert.equal(scoresOf(priorities)['gpu-1'], 0);

    const [pod] = listAt(JSON.parse(await planOf(served, 'Deployment/llm/embed=5')), 'victims').flatMap(
      ({ pods }) => pods,
    );
    const [namespace = '', name = ''] = String(pod).split('/');
    const stamped = await post('/mutate?timeout=2s', bindingReview({ namespace, name, uid: '' }, 'gpu-6'));
    const { patch } = objectAt(JSON.parse(stamped.body), 'response');
    const [operation] = listAt({ patch: JSON.parse(Buffer.from(String(patch), 'base64').toString()) }, 'patch');
    assert.deepEqual(Object.keys(objectAt(operation, 'value')), [COST, 'packdown.io/cost-owner']);

    const requests = (await metricsOf(served)).get('packdown_admission_requests_total')?.series;
    const labels = 'path="/validate",resource="modelservings",decision="allowed"';
    assert.equal(requests?.get(`packdown_admission_requests_total{${labels}}`), 1);

    // Without --client-ca there is no bind.
    assert.equal((await post('/scheduler/bind', {})).status, 404);
    const refused = (await metricsOf(served)).get('packdown_refused_requests_total')?.series;
    assert.equal(refused?.get('packdown_refused_requests_total{path="/scheduler",code="404"}'), 1);
    await assert.rejects(call({ port: served.port }), { code: 'ECONNRESET' });
    const failed = (await metricsOf(served)).get('packdown_tls_handshake_failures_total')?.series;
    assert.equal(failed?.get('packdown_tls_handshake_failures_total{reason="not-tls"}'), 1);

    assert.equal(served.stdout(), '');
    assert.equal(await served.end('SIGTERM'), 0);
  });

  it('refuses on SIGTERM what is new, finishes what is in flight, ends its connections and ends with 0', async (t) => {
    const served = await serve(t);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await served.post('/validate', scaleDown, { agent });
    const [connection] = Object.values(agent.freeSockets).flat();
    assert.ok(connection);
    const connectionEnded = once(connection, 'close');

    const { port, ca } = served;
    const headers = { 'content-type': 'application/json', expect: '100-continue' };
    const inFlight = request({ host: '127.0.0.1', port, ca, agent, path: '/validate', method: 'POST', headers });
    inFlight.flushHeaders();
    await once(inFlight, 'continue');
    const exitCode = served.end('SIGTERM');
    await isRefused(() => served.post('/validate', scaleDown));
    assert.deepEqual(await statusAndBody(served.get('/readyz')), [
      503,
      '{"code":"NotReady","message":"packdown is shutting down"}',
    ]);

    // One, and whatever was still let in before the signal arrived.
    const timed = (await metricsOf(served)).get('packdown_admission_duration_seconds')?.series;
    assert.ok((timed?.get('packdown_admission_duration_seconds_count{path="/validate"}') ?? 0) >= 1);

    inFlight.end(JSON.stringify(scaleDown));
    const [response] = await once(inFlight, 'response');
    assert.ok(response instanceof IncomingMessage);
    assert.deepEqual([response.statusCode, inFlight.reusedSocket, response.headers.connection], [200, true, 'close']);
    assert.match(await text(response), /"victims":"chat-1"/);
    await connectionEnded;
    assert.equal(await exitCode, 0);
  });

  it('ends at once on a second signal, whatever is in flight', async (t) => {
    const served = await serve(t);
    const { port, ca } = served;
    const headers = { 'content-type': 'application/json', expect: '100-continue' };
    const inFlight = request({ host: '127.0.0.1', port, ca, path: '/validate', method: 'POST', headers });
    const cutOff = assert.rejects(once(inFlight, 'response'));
    inFlight.flushHeaders();
    await once(inFlight, 'continue');
    void served.end('SIGTERM');
    await isRefused(() => served.post('/validate', scaleDown));
    assert.equal(await served.end('SIGTERM'), 128 + constants.signals.SIGTERM);
    await cutOff;
  });

  it('tells nothing of a fleet that it has not read yet', async (t) => {
    const kubeconfig = await temporaryFile(t, 'kubeconfig', kubeconfigOf('http://127.0.0.1:1'));
    const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
    const { child } = start(t, ['serve', '--kubeconfig', kubeconfig, ...ports]);
    const { opsPort } = objectAt(await lineSaying(child.stderr, 'serving'));
    child.stderr.resume();
    for (const path of ['/costs', '/plan?scale=ModelServing/llm/chat=2']) {
      assert.deepEqual(await statusAndBody(call({ port: Number(opsPort), path })), [
        503,
        '{"code":"NotReady","message":"the fleet has not been read yet: ask again once /readyz is ok"}',
      ]);
    }
  });

  it('ends with 2 when a port is taken, and leaves nothing behind that would keep it alive', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await once(taken, 'listening');
    const address = taken.address();
    assert.ok(typeof address === 'object' && address !== null);
    const ports = ['--port', String(address.port), '--ops-port', '0'];
    const { child, ended } = start(t, ['serve', '--fleet', EXAMPLE_FLEET, '--host', '127.0.0.1', ...ports]);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [code] = await ended;
    assert.equal(code, 2, stderr);
    assert.match(stderr, new RegExp(`^packdown: Cannot listen on 127\\.0\\.0\\.1, port ${address.port} `, 'm'));
  });
});

async function planOf({ get }: Served, ...scales: readonly string[]): Promise<string> {
  const query = scales.map((scale) => `scale=${encodeURIComponent(scale)}`).join('&');
  const { status, body } = await get(`/plan?${query}`);
  assert.equal(status, 200, body);
  return body;
}

async function metricsOf({ get }: Served) {
  return readExposition((await get('/metrics')).body);
}

async function statusAndBody(reply: ReturnType<Served['get']>): Promise<readonly [number, string]> {
  const { status, body } = await reply;
  return [status, body];
}
