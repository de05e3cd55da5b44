import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { type DayCluster, startDayCluster, type Variant } from './day/cluster.ts';
import { holding } from './day/pod-lives.ts';
import { judgeDay } from './day/verdict.ts';
import { deploymentOf, leaderWorkerSetOf, servingOf, statefulSetOf } from './day/workloads.ts';

const found = await findTools(['kubernetes', 'kwok', 'lws']);
const NODES = 14;
const workloads = [
  servingOf('chat', { least: 2, most: 8 }, { decode: 2, gpus: 1 }),
  deploymentOf('embed', { least: 4, most: 16 }, 1),
  servingOf('code', { least: 2, most: 6 }, { decode: 1, gpus: 2 }),
  statefulSetOf('cache', { least: 1, most: 4 }, 1),
  deploymentOf('vision', { least: 2, most: 8 }, 2),
  leaderWorkerSetOf('large', { least: 1, most: 3 }, 1),
];
/** Shares of the most of each, between which the load moves. */
const EVENING = 1;
const AFTERNOON = 0.6;
const NIGHT = 0.1;

/** The HPA controller itself scales everything, by a metric of a router. */
suite('a day of real HPAs over a mixed fleet', { skip: skipWithout('controllers', found) }, () => {
  /** Plays evening, night, afternoon and night again; tells the free nodes of both nights. */
  async function play(variant: Variant, judge: (cluster: DayCluster) => Promise<void>): Promise<readonly number[]> {
    const tools = toolsIn(found);
    let load = EVENING;
    const wanted = (name: string) => {
      const workload = workloads.find((candidate) => candidate.name === name);
      return workload === undefined ? 0 : workload.most * load;
    };
    const cluster = await startDayCluster({
      tools,
      variant,
      start: 'spread',
      nodes: NODES,
      workloads,
      wanted,
      stabilization: 2,
      // So large that a slow machine shows in the latency, not in writes left out: five workloads shrink at once.
      config: { steering: { budget: '4s' } },
    });
    try {
      const freeAtNight: number[] = [];
      for (const next of [NIGHT, AFTERNOON, NIGHT]) {
        load = next;
        await cluster.settled();
        const counts = await cluster.counts();
        for (const { name, least, most } of workloads) {
          assert.equal(counts[name], Math.max(least, Math.ceil(most * next)), `${name} at a load of ${next}`);
        }
        const held = new Set(holding(cluster.lives.all(), Date.now()).map(({ node }) => node));
        if (next === NIGHT) freeAtNight.push(NODES - held.size);
      }
      await judge(cluster);
      return freeAtNight;
    } catch (error) {
      console.error(await cluster.controlPlane.logs());
      throw error;
    } finally {
      await cluster.stop();
    }
  }

  test('every scale-down takes what packdown said, and nights have more free nodes than without', async () => {
    const withPackdown = await play('packdown', async ({ controlPlane, lives, packdown }) => {
      const { scaleDowns, planned, gone, unplanned, spared } = judgeDay(await controlPlane.auditLog(), lives.all());
      console.log(`${scaleDowns} scale-downs, ${planned} pods planned, ${gone} gone`, await packdown?.predictions());
      assert.deepEqual({ unplanned, spared }, { unplanned: [], spared: [] });
      assert.ok(scaleDowns >= 2 * workloads.length, `only ${scaleDowns} scale-downs`);
    });
    const without = await play('plain', async () => undefined);
    console.log(`free nodes of ${NODES} at night: ${withPackdown} with packdown, ${without} without`);
    const sum = (nights: readonly number[]) => nights.reduce((total, free) => total + free, 0);
    assert.ok(sum(withPackdown) > sum(without), `${withPackdown} nodes free, ${without} without`);
  });
});
