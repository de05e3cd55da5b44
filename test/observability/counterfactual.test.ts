import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { staysOnFreeNode } from '../../src/domain/fleet/pod.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { configOf } from '../admission/webhook.ts';
import { fleetOf, ours, podOf, servingGroup } from '../builders/fleet.ts';
import { serving } from '../builders/workload.ts';
import { runs } from '../domain/victims/properties.ts';
import { type Observed, observed, reconcile, settle } from './observed.ts';

/** Where each pod of a serving with one role runs, and what its binding was stamped with. */
interface Layout {
  readonly llama: Workload;
  readonly nodes: readonly number[];
  readonly costs: readonly number[];
}

const layout = fc.integer({ min: 3, max: 8 }).chain((groups) =>
  fc.record({
    llama: fc.integer({ min: 1, max: 3 }).map((decode) => serving(groups, { decode })),
    nodes: fc.array(fc.nat(5), { minLength: groups * 3, maxLength: groups * 3 }),
    costs: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: groups, maxLength: groups }),
  }),
);

function setUp(mode: 'observe' | 'steer', { llama, nodes, costs }: Layout): Observed {
  const pods = Array.from({ length: llama.replicas }, (_, group) =>
    servingGroup(llama, group, ({ replica }) => ({
      node: `n${nodes[group * 3 + replica]}`,
      ...ours(costs[group] ?? 1),
    })),
  ).flat();
  const daemon = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'daemon', uid: 'uid-of-daemon' };
  const others = [podOf('daemon-0', { node: 'n0', controller: daemon }), podOf('other', { node: 'n5' })];
  return observed({
    index: fleetOf([...pods, ...others], [llama]),
    config: configOf(`mode: ${mode}\nsteering: {settle: 0ms}`),
  });
}

const busyNodes = ({ index }: Observed) =>
  [...index.nodes()].filter(({ name }) => !index.podsOnNode(name).every(staysOnFreeNode)).length;

async function nodesFreed(hook: Observed) {
  const series = await hook.seriesOf('packdown_nodes_freed_total');
  const of = (mode: string) => series[`packdown_nodes_freed_total{mode="${mode}"}`] ?? 0;
  return { actual: of('actual'), counterfactual: of('counterfactual') };
}

/** One scale-down that its controller carries out. */
async function shrink(hook: Observed, llama: Workload, to: number, seed: number): Promise<void> {
  await hook.scale(llama, to);
  reconcile(hook, llama, seed);
  settle(hook);
}

describe('what observe says steering would have freed', () => {
  it('is what steering frees, and what really became free is counted beside it', async () => {
    const gains: number[] = [];
    await fc.assert(
      fc.asyncProperty(layout, fc.integer({ min: 1, max: 7 }), fc.nat(1000), async (drawn, drop, seed) => {
        const { llama } = drawn;
        const to = Math.max(0, llama.replicas - drop);
        const [watched, steered] = [setUp('observe', drawn), setUp('steer', drawn)];
        const before = busyNodes(watched);
        for (const hook of [watched, steered]) await shrink(hook, llama, to, seed);

        const [seen, done] = [await nodesFreed(watched), await nodesFreed(steered)];
        assert.equal(seen.counterfactual, done.actual);
        assert.deepEqual([seen.actual, done.actual], [before - busyNodes(watched), before - busyNodes(steered)]);
        assert.equal(done.counterfactual, 0);
        for (const hook of [watched, steered]) {
          const right = 'packdown_predictions_total{kind="ModelServing",outcome="right"}';
          assert.deepEqual(await hook.seriesOf('packdown_predictions_total'), { [right]: 1 });
        }
        assert.equal([...watched.index.pods()].filter(({ victim }) => victim !== null).length, 0);
        gains.push(done.actual - seen.actual);
      }),
      runs(100),
    );
    assert.ok(
      gains.some((gain) => gain > 0),
      'steering never freed more: the comparison shows nothing',
    );
  });

  it('is not counted for a change that led nowhere', async () => {
    const nodes = [0, 0, 0, 1, 1, 1, 2, 2, 2];
    const llama = serving(3, { decode: 1 });
    const hook = setUp('observe', { llama, nodes, costs: [1, 2, 3] });
    await hook.scale(llama, 2);
    hook.index.putWorkload(llama);
    hook.clock.time += 300_000;
    hook.check();
    assert.deepEqual(await nodesFreed(hook), { actual: 0, counterfactual: 0 });
  });
});
