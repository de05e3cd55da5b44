import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { objectAt } from '../../src/workloads/core/json.ts';
import { until } from '../cluster/live/until.ts';
import { CONFIG_MAPS, cluster, LEASES } from './cluster.ts';
import { PATIENCE, start } from './packdown-process.ts';
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
});
