import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { namespacedName } from '../../src/domain/fleet/namespaced-name.ts';
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

test('the pods of a node are listed by namespace and name, whichever came first, and a list that was given stays as it is', () => {
  const named = fc.constantFrom('a/x', 'a/y', 'b/x', 'b/y', 'b/z');
  const change = fc.record({ named, node: fc.option(fc.constantFrom('n1', 'n2')), isAsked: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const index = new FleetIndex();
      const nodes = new Map<string, string>();
      for (const { named: key, node, isAsked } of changes) {
        const [namespace = '', name = ''] = key.split('/');
        const given = isAsked ? index.podsOnNode('n1') : [];
        const before = [...given];
        if (node === null) {
          index.deletePod(namespace, name);
          nodes.delete(key);
        } else {
          index.putPod(podOf(name, { namespace, node }));
          nodes.set(key, node);
        }
        assert.deepEqual(given, before);
      }
      for (const node of ['n1', 'n2']) {
        const expected = [...nodes].filter(([, on]) => on === node).map(([key]) => key);
        assert.deepEqual(index.podsOnNode(node).map(namespacedName), expected.sort());
      }
    }),
  );
});

test('what has finished uses nothing of its node', () => {
  const index = new FleetIndex();
  index.putPod(podOf('a'));
  index.putPod(podOf('done', { phase: 'Succeeded' }));
  assert.deepEqual(index.usedOn('n1'), podOf('a').requests);
});
