import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COST_OWNER, POD_DELETION_COST } from '../../src/domain/fleet/annotations.ts';
import { type JsonObject, objectAt } from '../../src/workloads/core/json.ts';
import type { Fault } from '../cluster/live/api-server-double.ts';
import { PODS } from '../cluster/live/start-live-fleet.ts';
import { podObject } from '../cluster/pod-object.ts';
import { cluster, kubeconfigOf } from './cluster.ts';
import { PATIENCE } from './packdown-process.ts';
import { EXAMPLE_FLEET, type Ran, run, temporaryFile } from './run-in-process.ts';

/** Runs `packdown serve --cleanup …`, in the time that the cluster is in. */
async function cleanedUp(...argv: readonly string[]): Promise<Ran> {
  return run(['serve', '--cleanup', ...argv], { PACKDOWN_LOG_LEVEL: 'silent' }, Date.now);
}

const ours = (cost: string) => ({ [POD_DELETION_COST]: cost, [COST_OWNER]: cost });
const annotationsOf = (object: JsonObject | undefined) => objectAt(object, 'metadata').annotations ?? {};

describe('serve --cleanup', { timeout: PATIENCE }, () => {
  it('leaves the annotations that were there before, says from how many pods it removed some, and ends', async (t) => {
    const { server, kubeconfig } = await cluster(t);
    const team = { 'example.com/team': 'blue' };
    server.put(PODS, podObject('a', { ...team, ...ours('21') }));
    server.put(PODS, podObject('b', { ...ours('0'), 'packdown.io/victim': 'b@2026-01-01T00:00:00.000Z' }));
    server.put(PODS, podObject('c', { [POD_DELETION_COST]: '5', [COST_OWNER]: '4' }));
    server.put(PODS, podObject('d', { [POD_DELETION_COST]: '7' }));
    server.put(PODS, podObject('e'));
    const { code, stdout } = await cleanedUp('--kubeconfig', kubeconfig);
    assert.deepEqual([code, stdout], [0, ['packdown removed its annotations from 3 pods']]);
    const left = ['a', 'b', 'c', 'd', 'e'].map((name) => annotationsOf(server.get(PODS, 'ns', name)));
    assert.deepEqual(left, [team, {}, { [POD_DELETION_COST]: '5' }, { [POD_DELETION_COST]: '7' }, {}]);
    const written = server.requests.filter(({ method }) => method !== 'GET').map(({ method }) => method);
    assert.deepEqual(written, ['PATCH', 'PATCH', 'PATCH']);
  });

  it('has nothing to do the second time', async (t) => {
    const { server, kubeconfig } = await cluster(t);
    server.put(PODS, podObject('a'));
    assert.deepEqual((await cleanedUp('--kubeconfig', kubeconfig)).stdout, [
      'packdown removed its annotations from 0 pods',
    ]);
  });

  it('ends with 3 once it has cleaned up all else where a kind cannot be listed', async (t) => {
    const { server, kubeconfig } = await cluster(t);
    server.put(PODS, podObject('a', ours('21')));
    const path = '/apis/workload.serving.volcano.sh';
    for (let times = 0; times < 50; times += 1) server.failNext({ method: 'GET', path, how: { status: 503 } });
    const { code, stdout, stderr } = await cleanedUp('--kubeconfig', kubeconfig);
    assert.deepEqual([code, stdout], [3, ['packdown removed its annotations from 1 pod']]);
    assert.match(
      stderr.at(-1) ?? '',
      /modelservings.* could not be listed, and may carry packdown's annotations still/,
    );
  });

  it('ends with 3 when the cluster cannot be reached', async (t) => {
    const kubeconfig = await temporaryFile(t, 'kubeconfig', kubeconfigOf('http://127.0.0.1:1'));
    const { code, stdout, stderr } = await cleanedUp('--kubeconfig', kubeconfig);
    assert.deepEqual([code, stdout], [3, []]);
    assert.match(stderr[0] ?? '', /^packdown: cannot reach the Kubernetes API at http:\/\/127\.0\.0\.1:1/);
  });

  it('ends with 3 when pods cannot be written, and names some', async (t) => {
    const { server, kubeconfig } = await cluster(t);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      server.put(PODS, podObject(name, ours('21')));
      server.failNext({ method: 'PATCH', path: `/api/v1/namespaces/ns/pods/${name}`, how: { status: 403 } });
    }
    const { code, stdout, stderr } = await cleanedUp('--kubeconfig', kubeconfig);
    assert.deepEqual([code, stdout], [3, ['packdown removed its annotations from 0 pods']]);
    assert.match(stderr[0] ?? '', /^packdown: 5 pods could not be written, ns\/a, ns\/b, ns\/c among them/);
  });

  for (const [title, status] of [
    ['as a conflict', 409],
    ['as not found', 404],
  ] as const) {
    it(`ends with 3 when a webhook of somebody else denies what it writes ${title}`, async (t) => {
      const { server, kubeconfig } = await cluster(t);
      for (const name of ['a', 'b']) server.put(PODS, podObject(name, ours('21')));
      const denied: Fault = { method: 'PATCH', path: '/api/v1/namespaces/ns/pods/a', how: { status } };
      for (let times = 0; times < 50; times += 1) server.failNext(denied);
      const { code, stdout, stderr } = await cleanedUp('--kubeconfig', kubeconfig);
      assert.deepEqual([code, stdout], [3, ['packdown removed its annotations from 1 pod']]);
      assert.match(stderr[0] ?? '', /^packdown: 1 pod could not be written, ns\/a among them/);
    });
  }

  it('works on a fleet of a file, in memory', async () => {
    const { code, stdout } = await cleanedUp('--fleet', EXAMPLE_FLEET);
    assert.equal(code, 0);
    assert.match(stdout[0] ?? '', /^packdown removed its annotations from [1-9]\d* pods$/);
  });
});
