import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { objectAt } from '../../src/workloads/core/json.ts';
import { appsPod } from '../builders/fleet.ts';
import { podObjectOf } from '../builders/pod-object.ts';
import { deployment } from '../builders/workload.ts';
import { until } from '../cluster/live/until.ts';
import { call } from '../http/http-client.ts';
import { CONFIG_MAPS, cluster, LEASES } from './cluster.ts';
import { isRefused, lineSaying, PATIENCE, start } from './packdown-process.ts';
import { run } from './run-in-process.ts';

describe('replicas of packdown', { timeout: 3 * PATIENCE }, () => {
  it('have one leader, another when that is killed, and none when the last shuts down', async (t) => {
    const { server, kubeconfig } = await cluster(t);
    const flags = ['--kubeconfig', kubeconfig, '--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
    const timing = ['--leader-elect-lease-duration=2s', '--leader-elect-renew-deadline=1s'];
    const replica = () => start(t, ['serve', ...flags, ...timing, '--leader-elect-retry-period=200ms']);
    const spec = () => objectAt(server.get(LEASES, 'packdown-system', 'packdown'), 'spec');
    const holder = () => String(spec().holderIdentity ?? '');

    const first = replica();
    await until('the first leads', () => holder() !== '', PATIENCE);
    const second = replica();
    const firstHolder = holder();
    first.child.kill('SIGKILL');
    await until('another leads', () => holder() !== firstHolder, PATIENCE);
    assert.equal(spec().leaseTransitions, 1);

    second.child.kill('SIGTERM');
    assert.equal((await second.ended)[0], 0);
    assert.equal(holder(), '');
  });

  it('take no connection any more on SIGTERM, though an apiserver does not answer what the leader writes', async (t) => {
    const { server, kubeconfig } = await cluster(t);
    server.failNext({ method: 'POST', path: CONFIG_MAPS, how: 'silent' });
    const flags = ['--kubeconfig', kubeconfig, '--host', '127.0.0.1', '--port', '0', '--ops-port', '0'];
    const { child } = start(t, ['serve', ...flags]);
    const { port } = objectAt(await lineSaying(child.stderr, 'serving'));
    child.stderr.resume();
    await until(
      'the leader writes',
      () => server.requests.some(({ method, path }) => method === 'POST' && path === CONFIG_MAPS),
      PATIENCE,
    );
    child.kill('SIGTERM');
    await isRefused(() => call({ port: Number(port), path: '/validate' }), PATIENCE / 3);
    assert.equal(child.exitCode, null);
  });
});

describe('plan for a cluster', () => {
  it('names the version of the target set, wherever the kubeconfig points, or null', async (t) => {
    const { server, kubeconfig } = await cluster(t);
    server.put('/apis/apps/v1/statefulsets', {
      metadata: { name: 'db', namespace: 'ns', uid: 'u' },
      spec: { replicas: 3 },
    });
    const planned = async (...more: readonly string[]) => {
      const argv = ['plan', '--kubeconfig', kubeconfig, '--scale', 'StatefulSet/ns/db=2', '-o', 'json', ...more];
      return objectAt(JSON.parse((await run(argv)).stdout.join(''))).targetSet;
    };
    assert.equal(await planned(), null);
    server.put(CONFIG_MAPS, {
      metadata: { namespace: 'packdown-system', name: 'packdown-target-set' },
      data: { 'document.json': '{"nodes":["n1"]}' },
    });
    assert.match(String(await planned()), /^[0-9a-f]{12}$/);
    assert.equal(await planned('--system-namespace', 'elsewhere'), null);
  });

  it('says where a step waits for the target set, as text and as JSON', async (t) => {
    const { server, kubeconfig } = await cluster(t);
    const sets = ['a', 'b'].map((name) =>
      deployment(2, { kind: 'ReplicaSet', name, uid: `uid-of-${name}`, annotations: { 'packdown.io/floor': '1' } }),
    );
    const [a, b] = sets;
    assert.ok(a !== undefined && b !== undefined);
    for (const { namespace, name, uid, annotations } of sets)
      server.put('/apis/apps/v1/replicasets', {
        metadata: { namespace, name, uid, annotations },
        spec: { replicas: 2 },
      });
    const pods = [appsPod(a, 0), appsPod(b, 0), appsPod(a, 1, { node: 'n2' })];
    for (const pod of pods) server.put('/api/v1/pods', podObjectOf(pod));
    for (const name of ['n1', 'n2'])
      server.put('/api/v1/nodes', { metadata: { name }, status: { allocatable: { 'nvidia.com/gpu': '8' } } });
    const argv = ['plan', '--kubeconfig', kubeconfig, '--scale', 'ReplicaSet/default/a=1'];
    const planned = async () => [
      (await run(argv)).stdout.join(''),
      (await run([...argv, '-o', 'json'])).stdout.join(''),
    ];
    for (const text of await planned()) assert.doesNotMatch(text, /a step towards/, text);
    server.put(CONFIG_MAPS, {
      metadata: { namespace: 'packdown-system', name: 'packdown-target-set' },
      data: { 'document.json': '{"nodes":["n1"]}' },
    });
    const [text = '', json = ''] = await planned();
    const step = 'a step towards the target set: it may free less now than it could, so that later ones free more';
    assert.ok(text.includes(`Nodes freed: none (0 of at most 8 GPUs)\n  ${step}\n`), text);
    assert.equal(objectAt(JSON.parse(json)).step, step);
  });
});
