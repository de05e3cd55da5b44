import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { NOW, podOf } from '../builders/fleet.ts';
import { bytesInUse } from '../builders/memory.ts';

test('nodes that somebody asks about and the fleet does not have are not remembered', () => {
  const index = new FleetIndex();
  const before = bytesInUse();
  for (let number = 0; number < 100_000; number += 1) assert.equal(index.usedOn(`gone-${number}`).size, 0);
  const taken = (bytesInUse() - before) / 2 ** 20;
  assert.ok(taken < 2, `${taken.toFixed(1)} MiB for a fleet of ${index.nodeCount} nodes`);
});

test('a pod that is marked no more, or gone, is not found among the marked', () => {
  const controller = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'uid-of-web-1' };
  const victim = { unit: 'a', since: NOW };
  const marked = (index: FleetIndex) => [[...index.markedPods()], index.markedPodsOf(controller.uid)];
  for (const owned of [{ controller }, {}]) {
    const pod = podOf('a', { ...owned, victim });
    const index = new FleetIndex();
    index.putPod(pod);
    assert.deepEqual(marked(index), [[pod], 'controller' in owned ? [pod] : []]);
    index.putPod({ ...pod, victim: null });
    assert.deepEqual(marked(index), [[], []]);
    index.putPod(pod);
    index.deletePod(pod.namespace, pod.name);
    assert.deepEqual(marked(index), [[], []]);
  }
});

test('what has finished uses nothing of its node', () => {
  const index = new FleetIndex();
  index.putPod(podOf('a'));
  index.putPod(podOf('done', { phase: 'Succeeded' }));
  assert.deepEqual(index.usedOn('n1'), podOf('a').requests);
});
