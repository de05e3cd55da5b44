import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import { configOf } from '../admission/webhook.ts';
import { fleetOf, nodeOf, podOf, servingGroup } from '../builders/fleet.ts';
import { scaleReview } from '../builders/review.ts';
import { serving } from '../builders/workload.ts';
import { deleteGroups, type Observed, observed, reconcile } from './observed.ts';

/** Groups of one pod, by the node of each. */
function stageOf(nodes: readonly string[], { mode = 'steer', others = [] as readonly Pod[] } = {}) {
  const llama = serving(nodes.length, { decode: 1 });
  const pods = nodes.flatMap((node, group) => servingGroup(llama, group, () => ({ node })));
  const config = configOf(`mode: ${mode}\nsteering: {settle: 0ms}`);
  const hook = observed({ index: fleetOf([...pods, ...others], [llama]), config });
  const scale = (from: number, to: number) => hook.scale({ ...llama, replicas: from }, to);
  return { ...hook, llama, scale };
}

async function freed({ seriesOf }: Pick<Observed, 'seriesOf'>, mode = 'actual'): Promise<number> {
  return (await seriesOf('packdown_nodes_freed_total'))[`packdown_nodes_freed_total{mode="${mode}"}`] ?? 0;
}

function pass({ check, clock }: Pick<Observed, 'check' | 'clock'>, seconds: number): void {
  for (let second = 0; second < seconds; second += 1) {
    check();
    clock.time += 1000;
  }
  check();
}

describe('a node that scale-downs free', () => {
  it('is counted once, though the pods of two left it soon after each other', async () => {
    const stage = stageOf(['n1', 'n2', 'n2'], { mode: 'observe' });
    await stage.scale(3, 2);
    deleteGroups(stage, 'llama-2');
    pass(stage, 2);
    await stage.scale(2, 1);
    deleteGroups(stage, 'llama-1');
    pass(stage, 20);
    assert.equal(await freed(stage), 1);
  });

  it('is not counted where somebody else has emptied it since', async () => {
    const drained = ['x', 'y'].map((name) => podOf(name, { node: 'n2' }));
    const stage = stageOf(['n1', 'n2'], { mode: 'observe', others: drained });
    await stage.scale(2, 1);
    deleteGroups(stage, 'llama-1');
    pass(stage, 240);
    for (const { namespace, name } of drained) stage.index.deletePod(namespace, name);
    pass(stage, 20);
    assert.equal(await freed(stage), 0);
  });

  it('is counted again where what has come to it since goes, in place of what was to go elsewhere', async () => {
    const stage = stageOf(['n1', 'n2'], { mode: 'observe' });
    stage.index.putNode(nodeOf('n3'));
    await stage.scale(2, 1);
    deleteGroups(stage, 'llama-1');
    pass(stage, 20);
    assert.equal(await freed(stage), 1);
    const qwen = serving(2, { decode: 1 }, { name: 'qwen', uid: 'uid-of-qwen' });
    stage.index.putWorkload(qwen);
    for (const [group, node] of ['n2', 'n3'].entries())
      for (const pod of servingGroup(qwen, group, () => ({ node }))) stage.index.putPod(pod);
    assert.match(JSON.stringify(await stage.validate(scaleReview(qwen, 1))), /qwen-1 would go/);
    stage.index.putWorkload({ ...qwen, replicas: 1 });
    deleteGroups(stage, 'qwen-0');
    pass(stage, 20);
    assert.equal(await freed(stage), 2);
  });

  it('is counted by one replica only, the one that knows of the last pod', async () => {
    const { llama, index } = stageOf(['n1', 'n2', 'n2']);
    const config = configOf('mode: observe\nsteering: {settle: 0ms}');
    const [one, other] = [observed({ index, config }), observed({ index, config })];
    await one.scale(llama, 2);
    deleteGroups(one, 'llama-2');
    for (const hook of [one, other]) pass(hook, 20);
    await other.scale({ ...llama, replicas: 2 }, 1);
    deleteGroups(other, 'llama-1');
    for (const hook of [one, other]) pass(hook, 20);
    assert.deepEqual([await freed(one), await freed(other)], [0, 1]);
  });

  for (const [title, ofOther, expected] of [
    ['where another reviews the same change again', [3, 2], [1, 0]],
    ['where another reviews the next change before its pods are gone', [2, 1], [1, 1]],
  ] as const) {
    it(`is counted by one replica only, ${title}`, async () => {
      const { llama, index } = stageOf(['n1', 'n2', 'n3']);
      const config = configOf('steering: {settle: 0ms}');
      const [one, other] = [observed({ index, config }), observed({ index, config })];
      await one.validate(scaleReview(llama, 2));
      const [from, to] = ofOther;
      if (from === 2) index.putWorkload({ ...llama, replicas: from });
      await other.validate(scaleReview({ ...llama, replicas: from }, to));
      index.putWorkload({ ...llama, replicas: to });
      reconcile(one, llama);
      for (const hook of [one, other]) pass(hook, 20);
      assert.deepEqual([await freed(one), await freed(other)], expected);
    });
  }

  it('is counted by one replica only, where pods of which two know leave it at the same time', async () => {
    const { llama, index } = stageOf(['n1', 'n2']);
    const qwen = serving(2, { decode: 1 }, { name: 'qwen', uid: 'uid-of-qwen' });
    index.putWorkload(qwen);
    for (const [group, node] of ['n1', 'n2'].entries())
      for (const pod of servingGroup(qwen, group, () => ({ node }))) index.putPod(pod);
    const config = configOf('mode: observe\nsteering: {settle: 0ms}');
    const [one, other] = [observed({ index, config }), observed({ index, config })];
    await one.scale(llama, 1);
    await other.scale(qwen, 1);
    deleteGroups(one, 'llama-1', 'qwen-1');
    for (const hook of [one, other]) pass(hook, 20);
    assert.deepEqual([await freed(one), await freed(other)], [1, 0]);
  });

  it('is counted however long the scale-down was asked for before it was let through', async () => {
    const stage = stageOf(['n1', 'n2']);
    for (let minute = 0; minute < 6; minute += 1) {
      await stage.validate(scaleReview(stage.llama, 1));
      pass(stage, 60);
    }
    deleteGroups(stage, 'llama-1');
    pass(stage, 20);
    assert.equal(await freed(stage), 1);
  });

  it('is counted however long its pods take to end', async () => {
    const stage = stageOf(['n1', 'n2'], { mode: 'observe' });
    await stage.scale(2, 1);
    for (const pod of stage.index.podsOnNode('n2')) stage.index.putPod({ ...pod, deleting: true });
    pass(stage, 1200);
    assert.equal(await freed(stage), 0);
    deleteGroups(stage, 'llama-1');
    pass(stage, 20);
    assert.equal(await freed(stage), 1);
  });

  for (const seconds of [0, 1, 30])
    it(`is counted though something else went than was predicted, which took ${seconds} s to end`, async () => {
      const stage = stageOf(['n1', 'n2'], { mode: 'observe' });
      await stage.scale(2, 1);
      for (const pod of stage.index.podsOnNode('n1')) stage.index.putPod({ ...pod, deleting: seconds > 0 });
      if (seconds > 0) pass(stage, seconds);
      deleteGroups(stage, 'llama-0');
      pass(stage, 20);
      assert.equal(await freed(stage), 1);
      assert.deepEqual(await stage.seriesOf('packdown_predictions_total'), {
        'packdown_predictions_total{kind="ModelServing",outcome="wrong"}': 1,
      });
    });

  it('is not counted where something else was evicted', async () => {
    const stage = stageOf(['n1', 'n2'], { mode: 'observe' });
    await stage.scale(2, 1);
    for (const pod of stage.index.podsOnNode('n1')) stage.index.putPod({ ...pod, deleting: true, evicted: true });
    pass(stage, 30);
    deleteGroups(stage, 'llama-0');
    pass(stage, 20);
    assert.equal(await freed(stage), 0);
  });

  it('is not counted where it is gone before its pods are', async () => {
    const stage = stageOf(['n1', 'n2'], { mode: 'observe' });
    await stage.scale(2, 1);
    for (const pod of stage.index.podsOnNode('n2')) stage.index.putPod({ ...pod, deleting: true });
    pass(stage, 2);
    stage.index.deleteNode('n2');
    deleteGroups(stage, 'llama-1');
    pass(stage, 20);
    assert.equal(await freed(stage), 0);
  });

  it('is not counted, nor promised, where the pod of a group that goes had been evicted before', async () => {
    const llama = serving(3, { decode: 2 });
    const pods = [0, 1, 2].flatMap((group) =>
      servingGroup(llama, group, ({ replica }) =>
        group === 2 && replica === 0
          ? { node: 'drained', deleting: true, ready: false, evicted: true as const }
          : { node: 'shared' },
      ),
    );
    const stage = observed({ index: fleetOf(pods, [llama]), config: configOf('steering: {settle: 0ms}') });
    assert.match(await stage.scale(llama, 2), /llama-2 will go"/);
    deleteGroups(stage, 'llama-2');
    pass(stage, 20);
    assert.equal(await freed(stage), 0);
  });
});

describe('a node that steering would have freed', () => {
  it('is counted once, for what is only observed leaves it busy for the next scale-down', async () => {
    const stage = stageOf(['lonely', ...Array.from({ length: 5 }, () => 'full')], { mode: 'observe' });
    for (let count = 6; count > 2; count -= 1) {
      await stage.scale(count, count - 1);
      reconcile(stage, stage.llama);
      pass(stage, 900);
    }
    assert.equal(await freed(stage, 'counterfactual'), 1);
  });

  it('is counted once though a DaemonSet restarts its pod there', async () => {
    const controller = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'daemon', uid: 'uid-of-daemon' };
    const agent = (name: string) => podOf(name, { node: 'lonely', controller });
    const nodes = ['lonely', ...Array.from({ length: 5 }, () => 'full')];
    const stage = stageOf(nodes, { mode: 'observe', others: [agent('agent-6')] });
    for (let count = 6; count > 2; count -= 1) {
      await stage.scale(count, count - 1);
      reconcile(stage, stage.llama);
      pass(stage, 900);
      stage.index.deletePod('default', `agent-${count}`);
      stage.index.putPod(agent(`agent-${count - 1}`));
    }
    assert.equal(await freed(stage, 'counterfactual'), 1);
  });

  it('is counted again once the workload has grown and shrinks anew', async () => {
    const stage = stageOf(['lonely', 'full', 'full'], { mode: 'observe' });
    const [, , third] = [...stage.index.pods()];
    assert.ok(third !== undefined);
    for (let day = 0; day < 2; day += 1) {
      await stage.scale(3, 2);
      reconcile(stage, stage.llama);
      pass(stage, 400);
      await stage.scale(2, 3);
      stage.index.putPod(third);
      pass(stage, 400);
    }
    assert.equal(await freed(stage, 'counterfactual'), 2);
  });
});

describe('a scale-down that never came', () => {
  it('is not blamed for what goes later', async () => {
    const stage = stageOf(['n1', 'n2', 'n3']);
    await stage.scale(3, 2);
    stage.index.putWorkload(stage.llama);
    pass(stage, 120);
    deleteGroups(stage, 'llama-0');
    pass(stage, 300);
    assert.deepEqual(await stage.seriesOf('packdown_predictions_total'), {
      'packdown_predictions_total{kind="ModelServing",outcome="nothing"}': 1,
    });
  });
});

describe('the log has a line', () => {
  it('of a scale-down to zero, of which nobody has to choose, and none where it is reviewed again', async () => {
    const stage = stageOf(['n1', 'n2']);
    for (let review = 0; review < 2; review += 1) await stage.validate(scaleReview(stage.llama, 0));
    const lines = stage.logged.filter(({ msg }) => msg === 'scale-down');
    assert.deepEqual(
      lines.map(({ outcome, nodesFreed }) => [outcome, nodesFreed]),
      [['unchanged', ['n1', 'n2']]],
    );
  });
});
