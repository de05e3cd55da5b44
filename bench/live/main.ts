/**
 * The real `packdown serve --kubeconfig` on a cluster of 150,000 pods: memory, first sync, how soon an event is seen,
 * whether admission notices the events, and how long a scale-down is planned, its thread included. It is started as the
 * image starts it. `npm run bench:live -- [--seconds 60]` prints a figure a line; `--seconds 600` is the long run.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { scaleReview } from '../bodies.ts';
import { type Client, clientOf } from '../client.ts';
import { residentMemory, type StartedServer, withServers } from '../processes.ts';
import { quantile } from '../statistics.ts';
import { FIRST_OBSERVED, GROUPS_PER_SERVING, NODES, PODS, PROBE, SERVINGS, servingAt } from './cluster-objects.ts';
import { startLive, synced } from './start.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const SECONDS = Number(values.seconds);
const EVENTS_PER_SECOND = 500;
/** Admission is asked in turns of so many seconds with and without events, so that both see the same machine. */
const TURN = 5;
const REVIEWS_PER_SECOND = 50;
const PROBES_EVERY = 200;
/** How many of its ten groups a ModelServing loses. */
const SHRINK = 3;

await withServers(async (workplace) => {
  const client = clientOf(workplace.ca);
  const { api, packdown, begin } = await startLive(workplace);
  await measure(packdown, api, client, begin);
  await client.close();
});

async function measure(packdown: StartedServer, api: StartedServer, client: Client, begin: number): Promise<void> {
  const { post } = client;
  print('pods, nodes', `${PODS}, ${NODES}`);
  print('RSS before the sync', `${residentMemory(packdown.pid).now.toFixed(0)} MB`);
  await synced(packdown.opsPort);
  print('first sync', `${((performance.now() - begin) / 1000).toFixed(1)} s (at most 60)`);
  print('RSS after the sync', memory(packdown));
  await setTimeout(5000);
  print('RSS 5 s later', memory(packdown));

  const review = scaleReview(servingAt(0), GROUPS_PER_SERVING, GROUPS_PER_SERVING + 1);
  const times = { quiet: [] as number[], events: [] as number[] };
  const seen: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  for (let warmUp = true; performance.now() < end; warmUp = false) {
    for (const turn of ['quiet', 'events'] as const) {
      await post(api.port, `/bench/rate/${turn === 'events' ? EVENTS_PER_SECOND : 0}`, '{}');
      const asked = await askRegularly(() => post(packdown.port, '/validate', review));
      if (!warmUp) times[turn].push(...asked);
    }
  }
  print('RSS after turns of events', memory(packdown));
  for (const turn of ['quiet', 'events'] as const) {
    const figures = [0.5, 0.99].map((share) => quantile(times[turn], share).toFixed(2)).join(' / ');
    print(
      `review p50 / p99, ${turn === 'events' ? `${EVENTS_PER_SECOND} events/s` : 'no events'}`,
      `${figures} ms of ${times[turn].length}`,
    );
  }
  const ratio = quantile(times.events, 0.99) / quantile(times.quiet, 0.99);
  print('review p99, with events / without', `${ratio.toFixed(2)} (at most 1.20)`);

  await askScaleDowns(post, packdown, api);

  // By now the leader has made the ConfigMaps that a new installation lacks.
  const before = writesOf(await post(api.port, '/bench/requests', '{}'));
  const probesEnd = performance.now() + SECONDS * 1000;
  let sawRunning = await probeRuns(post, packdown.port);
  while (performance.now() < probesEnd) {
    const sent = performance.now();
    await post(api.port, '/bench/probe', '{}');
    while ((await probeRuns(post, packdown.port)) === sawRunning) await setTimeout(1);
    seen.push(performance.now() - sent);
    sawRunning = !sawRunning;
    await setTimeout(PROBES_EVERY * Math.random());
  }
  print(
    'event to snapshot p50 / p99 / most',
    `${[0.5, 0.99, 1].map((share) => quantile(seen, share).toFixed(1)).join(' / ')} ms of ${seen.length} (p99 at most 250)`,
  );
  print('RSS at the end', memory(packdown));
  const requests = await post(api.port, '/bench/requests', '{}');
  print(`API writes in these ${SECONDS} s, the Lease apart`, `${writesOf(requests) - before} (at most 0)`);
  print('API requests in all', requests);
}

/** One scale-down after another, each of another workload, planned in the planner's thread, while events come in. */
async function askScaleDowns(post: Client['post'], packdown: StartedServer, api: StartedServer): Promise<void> {
  await post(api.port, `/bench/rate/${EVENTS_PER_SECOND}`, '{}');
  const times: number[] = [];
  for (let serving = FIRST_OBSERVED; serving < SERVINGS; serving += 1) {
    const asked = performance.now();
    const answer = await post(
      packdown.port,
      '/validate',
      scaleReview(servingAt(serving), GROUPS_PER_SERVING, GROUPS_PER_SERVING - SHRINK),
    );
    times.push(performance.now() - asked);
    if (!answer.includes('would go')) throw new Error(`a scale-down was not planned: ${answer}`);
  }
  await post(api.port, '/bench/rate/0', '{}');
  const figures = [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(1)).join(' / ');
  print('scale-down planned p50 / p99 / most', `${figures} ms of ${times.length} (budget 800)`);
}

/** Requests that change something, but for those of the leader's Lease. */
function writesOf(requests: string): number {
  const counts = Object.entries<number>(JSON.parse(requests));
  return counts.reduce((sum, [kind, times]) => (/^GET|lease$/.test(kind) ? sum : sum + times), 0);
}

async function askRegularly(ask: () => Promise<string>): Promise<readonly number[]> {
  const times: number[] = [];
  const begin = performance.now();
  for (let n = 0; n < TURN * REVIEWS_PER_SECOND; n += 1) {
    await setTimeout(Math.max(0, begin + (n * 1000) / REVIEWS_PER_SECOND - performance.now()));
    const asked = performance.now();
    await ask();
    times.push(performance.now() - asked);
  }
  return times;
}

/** While the probe runs, binpack gives its node half of the full score, else next to nothing. */
async function probeRuns(post: Client['post'], port: number) {
  const pod = {
    metadata: { name: 'p', namespace: 'team-0' },
    spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
  };
  const [priority] = JSON.parse(
    await post(port, '/scheduler/prioritize', JSON.stringify({ Pod: pod, Nodes: null, NodeNames: [PROBE] })),
  );
  return priority.Score > 0;
}

function memory({ pid }: StartedServer): string {
  const { now, peak } = residentMemory(pid);
  return `${now.toFixed(0)} MB, at its peak ${peak.toFixed(0)} MB (at most 250)`;
}

function print(what: string, figure: string): void {
  console.log(`${what.padEnd(44)} ${figure}`);
}
