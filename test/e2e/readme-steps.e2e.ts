import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, suite, test } from 'node:test';
import { fencesOf } from '../documents/markdown.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type PodCluster, startPodCluster } from './pod-cluster.ts';
import { isReady, listPods, nameOf } from './pods.ts';
import { shellBlocks } from './shell-blocks.ts';

const found = await findTools();
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
/** What the README has a new user do on a cluster, and nothing else. */
const [install, scaleDown, events, metrics, ...others] = shellBlocks(README)
  .filter(({ isRunnable }) => isRunnable)
  .map(({ script }) => script);
const [eventsPrinted, metricsPrinted] = fencesOf(README)
  .filter(({ info, content }) => info === 'text' && /SteeredScaleDown|packdown_steering_total/.test(content))
  .map(({ content }) => content);

suite('the steps of README.md', { skip: skipWithout('controllers', found) }, () => {
  let cluster: PodCluster;

  before(async () => {
    cluster = await startPodCluster(found);
  });

  afterEach((context) => printLogsOfFailure(context, cluster.controlPlane));

  after(() => cluster?.stop());

  test('from an empty cluster to a scale-down that was steered, by what Events and metrics say', async () => {
    assert.ok(install && scaleDown && events && metrics && eventsPrinted && metricsPrinted);
    assert.deepEqual(others, []);
    await cluster.run(install);
    await cluster.opsPort();

    const [creation, scaling] = scaleDown.split(/\n(?=kubectl scale )/);
    assert.ok(creation && scaling);
    await cluster.run(creation);
    await cluster.isGuarded('hello');
    const before = await pods();
    assert.equal(before.length, 3);
    await cluster.run(scaling);
    const printed = await until('the Event', async () => {
      const text = await cluster.run(events);
      return text.includes('will go') && text;
    });
    assert.equal(shapeOf(printed), shapeOf(eventsPrinted));
    const left = await until('two pods', async () => {
      const now = await pods();
      return now.length === 2 && now;
    });
    const [, victim] = / ([^ ]+) will go/.exec(printed) ?? [];
    assert.deepEqual(
      before.filter((pod) => !left.includes(pod)),
      [`default/${victim}`],
    );

    const scraped = await cluster.run(metrics);
    assert.ok(scraped.includes(`\n${metricsPrinted}`), scraped);
  });

  const pods = async () =>
    (await listPods(cluster.controlPlane))
      .filter((pod) => pod.metadata.namespace === 'default' && isReady(pod))
      .map(nameOf);
});

/** What is printed without the names that are made up, the times, and the widths that follow from these. */
function shapeOf(printed: string): string {
  return printed
    .trim()
    .replaceAll(/hello-[0-9a-z]+(-[0-9a-z]{5})?/g, 'hello-…')
    .replaceAll(/^\d+s/gm, 'now')
    .replaceAll(/node-\d/g, 'node-…')
    .replaceAll(/ +/g, ' ');
}
