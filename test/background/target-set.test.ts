import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodesBeingFreed, publishingTargetSet } from '../../src/background/target-set.ts';
import { MemoryTargetSet } from '../../src/cluster/embedded/memory-target-set.ts';
import { fleetOf, marked, podOf, servingGroup } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';
import { stageOf } from './stage.ts';

const llama = serving(2, { decode: 2 });

describe('the nodes being freed', () => {
  it('are those on which nothing is left but victims, and what stays on a free node', () => {
    const pods = [0, 1].flatMap((group) =>
      servingGroup(llama, group, ({ replica }) => ({
        node: group === 0 ? 'n4' : `n${3 - replica}`,
        ...(group === 1 && replica === 0 && marked(0, 'llama-1')),
      })),
    );
    const daemon = podOf('agent', {
      node: 'n3',
      controller: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'uid-of-agent' },
    });
    // Only one pod of the group carries the mark; the others go with it.
    assert.deepEqual(nodesBeingFreed(fleetOf([...pods, daemon], [llama])), ['n2', 'n3']);
    assert.deepEqual(nodesBeingFreed(fleetOf([...pods, podOf('x', { node: 'n3' })], [llama])), ['n2']);
  });

  it('are none in a fleet where nothing is scaled down', () => {
    assert.deepEqual(nodesBeingFreed(fleetOf(servingGroup(llama, 0), [llama])), []);
  });
});

describe('the duty of publishing', () => {
  it('publishes what is computed of the fleet as it is now', async () => {
    const { fleet, index, pace } = stageOf(fleetOf([podOf('a', { node: 'n1' })]));
    const targetSet = new MemoryTargetSet();
    const duty = publishingTargetSet(fleet, targetSet, (snapshot) => [...snapshot.nodes()].map(({ name }) => name));
    await duty.run(pace);
    assert.deepEqual(targetSet.current()?.nodes, ['n1']);
    index.deleteNode('n1');
    await duty.run(pace);
    assert.deepEqual(targetSet.current()?.nodes, []);
  });
});
