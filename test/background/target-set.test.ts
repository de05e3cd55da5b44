import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodesBeingFreed, publishingTargetSet } from '../../src/background/target-set.ts';
import { MemoryTargetSet } from '../../src/cluster/embedded/memory-target-set.ts';
import { FLOOR } from '../../src/domain/fleet/annotations.ts';
import { configOf } from '../admission/webhook.ts';
import { fleetOf, marked, podOf, servingGroup } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';
import { findTargets, mixedFleet } from './forecast-story.ts';
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

  it('are looked for once until something changes, however often a scheduler asks', (t) => {
    const fleet = fleetOf(
      servingGroup(llama, 1, () => marked(0, 'llama-1')),
      [llama],
    );
    const { mock } = t.mock.method(fleet, 'podsOnNode');
    assert.deepEqual(nodesBeingFreed(fleet), ['n1']);
    const reads = mock.callCount();
    assert.deepEqual([nodesBeingFreed(fleet), mock.callCount()], [['n1'], reads]);
    fleet.putPod(podOf('x'));
    assert.deepEqual(nodesBeingFreed(fleet), []);
  });

  it('are none in a fleet where nothing is scaled down', () => {
    assert.deepEqual(nodesBeingFreed(fleetOf(servingGroup(llama, 0), [llama])), []);
  });
});

describe('the duty of publishing', () => {
  const annotations = { [FLOOR]: '1' };
  /** Two workloads to be halved, each with a group on n1 and one on n2 or n3. */
  function stage() {
    const workloads = ['a', 'b'].map((name) => serving(2, { decode: 1 }, { name, uid: `uid-of-${name}`, annotations }));
    const pods = workloads.flatMap((workload, index) => [
      ...servingGroup(workload, 0, () => ({ node: 'n1' })),
      ...servingGroup(workload, 1, () => ({ node: `n${index + 2}` })),
      podOf(`stays-${index}`, { node: `n${index + 2}` }),
    ]);
    return stageOf(fleetOf(pods, workloads));
  }

  it('publishes what all workloads together can free on their way to their floors', async () => {
    const { fleet, config, now, pace, index } = stage();
    const targetSet = new MemoryTargetSet();
    const told: (number | null)[] = [];
    const onForecast = (nodes: number | null) => told.push(nodes);
    const duty = publishingTargetSet({ fleet, config, now, targetSet, findTargets, onForecast });
    await duty.run(pace);
    assert.deepEqual(targetSet.current()?.nodes, ['n1']);
    index.putPod(podOf('x', { node: 'n1' }));
    await duty.run(pace);
    assert.deepEqual(targetSet.current()?.nodes, []);
    assert.deepEqual(told, [1, 0], 'how many nodes that is');
  });

  it('looks ahead in a fleet of 20,000 pods, and no further than what is being emptied in a larger one', async () => {
    const { fleet, config, now, pace, index } = stage();
    const stranger = podOf('stranger', { node: 'far' });
    for (let number = fleet.snapshot().podCount; number < 20_000; number += 1)
      index.putPod({ ...stranger, name: `stranger-${number}`, uid: `uid-of-stranger-${number}` });
    const targetSet = new MemoryTargetSet();
    const duty = publishingTargetSet({ fleet, config, now, targetSet, findTargets });
    await duty.run(pace);
    assert.deepEqual(targetSet.current()?.nodes, ['n1']);
    index.putPod({ ...stranger, name: 'one-more', uid: 'uid-of-one-more' });
    await duty.run(pace);
    assert.deepEqual(targetSet.current()?.nodes, []);
  });

  it('looks a second after it began to lead, then twice a minute', async () => {
    const { fleet, config, now, pace } = stage();
    const targetSet = new MemoryTargetSet();
    const duty = publishingTargetSet({ fleet, config, now, targetSet, findTargets });
    assert.deepEqual([targetSet.current(), duty.every], [null, 1000]);
    await duty.run(pace);
    assert.deepEqual([targetSet.current()?.nodes, duty.every], [['n1'], 30_000]);
  });

  it('looks ever more seldom where nothing can be published', async () => {
    const { fleet, config, now, pace } = stage();
    const targetSet = { current: () => null, publish: () => Promise.reject(new Error('configmaps are forbidden')) };
    const duty = publishingTargetSet({ fleet, config, now, targetSet, findTargets });
    const waits: number[] = [];
    for (let run = 0; run < 7; run += 1) {
      await assert.rejects(duty.run(pace));
      waits.push(duty.every);
    }
    assert.deepEqual(waits, [2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('publishes the same again while nothing changes', async () => {
    const { fleet, config, now, pace } = stageOf(mixedFleet(10, 30, 20, 1).index);
    const targetSet = new MemoryTargetSet();
    const duty = publishingTargetSet({ fleet, config, now, targetSet, findTargets });
    await duty.run(pace);
    const first = targetSet.current();
    assert.ok((first?.nodes.length ?? 0) > 20);
    await duty.run(pace);
    assert.deepEqual(targetSet.current(), first);
  });

  it('counts on no workload that packdown leaves alone', async () => {
    const { fleet, now, pace } = stage();
    const targetSet = new MemoryTargetSet();
    const config = configOf('exemptNamespaces: [default]');
    await publishingTargetSet({ fleet, config, now, targetSet, findTargets }).run(pace);
    assert.deepEqual(targetSet.current()?.nodes, []);
  });

  it('keeps the last set when there is no answer, or this replica leads no longer', async () => {
    const { fleet, config, now, pace } = stage();
    const targetSet = new MemoryTargetSet();
    await targetSet.publish(['n9']);
    await publishingTargetSet({ fleet, config, now, targetSet, findTargets: async () => null }).run(pace);
    const lost = { ...pace, goesOn: () => false };
    await publishingTargetSet({ fleet, config, now, targetSet, findTargets }).run(lost);
    assert.deepEqual(targetSet.current()?.nodes, ['n9']);
  });

  it('lets others have their turn again and again', async () => {
    const { fleet, config, now } = stage();
    let waits = 0;
    const pace = {
      goesOn: () => true,
      wait: async () => {
        waits += 1;
      },
    };
    await publishingTargetSet({ fleet, config, now, targetSet: new MemoryTargetSet(), findTargets }).run(pace);
    assert.ok(waits > 4, `${waits} pauses`);
  });
});
