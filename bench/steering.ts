/**
 * Scale-downs at the same moment, and one on a large fleet. `npm run bench:steering` prints two tables.
 *
 * First: ten workloads shrink at once against an apiserver double whose every answer takes 5 ms, with steering as it is,
 * and for comparison one workload after another and one write after another. Budget: 800 ms.
 * Second: one workload of 1,000 groups shrinks on 5,000 nodes, its plan made on the main thread and in the planner's own
 * thread. CPU: of the main thread. Busy: the longest time in which it could have answered nobody else.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Steering, type SteeringOptions } from '../src/admission/steering.ts';
import { EmbeddedFleet } from '../src/cluster/embedded/embedded-fleet.ts';
import { LiveFleet } from '../src/cluster/live/live-fleet.ts';
import { defaultConfig } from '../src/config/config.ts';
import type { Fleet } from '../src/domain/fleet/fleet.ts';
import type { Workload } from '../src/domain/fleet/workload.ts';
import { PlannerThread } from '../src/planning/planner-thread.ts';
import { isObject } from '../src/workloads/core/json.ts';
import { adapters } from '../src/workloads/registry.ts';
import { fleetOf, nodeOf, podOf, servingGroup } from '../test/builders/fleet.ts';
import { podObjectOf } from '../test/builders/pod-object.ts';
import { objectOf } from '../test/builders/review.ts';
import { serving } from '../test/builders/workload.ts';
import { ApiServerDouble } from '../test/cluster/live/api-server-double.ts';

const ROUNDS = Number(process.argv[2] ?? 5);

await manyAtOnce();
await onLargeFleet();

/** From 20 groups to 10, ten times: pods without costs, so that survivors are raised too. Nothing is cut short. */
async function manyAtOnce(): Promise<void> {
  console.log('ten workloads at once      writes   within 800 ms   first ms   last ms');
  for (const [title, isSerial] of [
    ['one after another', true],
    ['as it is', false],
  ] as const) {
    const runs: Awaited<ReturnType<typeof tenScaleDowns>>[] = [];
    for (let round = 0; round < ROUNDS; round += 1) runs.push(await tenScaleDowns(isSerial));
    const cell = (of: (run: (typeof runs)[number]) => number, width: number) =>
      median(runs.map(of)).toFixed(0).padStart(width);
    const within = cell(({ times }) => times.filter((time) => time <= 800).length, 12);
    const [first, last] = [cell(({ times }) => Math.min(...times), 10), cell(({ times }) => Math.max(...times), 9)];
    console.log(`${title.padEnd(26)}${cell(({ writes }) => writes, 7)} ${within} of 10${first} ${last}`);
  }
}

async function tenScaleDowns(isSerial: boolean) {
  const server = await ApiServerDouble.start();
  const servings = '/apis/workload.serving.volcano.sh/v1alpha1/modelservings';
  server.serve(servings);
  const workloads = Array.from({ length: 10 }, (_, index) => named(`w${index}`, 20));
  for (const [place, workload] of workloads.entries()) {
    const object = objectOf(workload);
    if (isObject(object)) server.put(servings, object);
    for (let group = 0; group < workload.replicas; group += 1) {
      const node = `n${(place * 20 + group) % 100}`;
      for (const pod of servingGroup(workload, group, () => ({ node }))) server.put('/api/v1/pods', podObjectOf(pod));
    }
  }
  const api = server.client();
  const live = new LiveFleet({ api, adapters, log: { info: () => undefined, warn: () => undefined } });
  await live.start();
  server.latency = 5;
  const write: Fleet['write'] = (writes, deadline) => live.write(isSerial ? writes.flat() : writes, deadline);
  const fleet: Fleet = { snapshot: () => live.snapshot(), staleness: () => live.staleness(), write };
  const steering = steeringOf(fleet, '60s');
  let last: Promise<unknown> = Promise.resolve();
  const begin = performance.now();
  const answers = workloads.map(async (workload) => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    if (isSerial) await before;
    await steering.steer(workload, { ...workload, replicas: 10 });
    resolve();
    return performance.now() - begin;
  });
  const times = await Promise.all(answers);
  const writes = server.requests.filter(({ method }) => method === 'PATCH').length;
  await live.stop();
  await api.close();
  await server.close();
  return { writes, times };
}

async function onLargeFleet(): Promise<void> {
  console.log('\none of 5,000 nodes          CPU ms   busy ms   answered ms   nodes freed');
  for (const title of ['on the main thread', 'in its own thread'] as const) {
    const planner = new PlannerThread({ onTrouble: (problem) => console.error(problem) });
    const runs: Awaited<ReturnType<typeof largeScaleDown>>[] = [];
    // The first round of each is for the engine and the thread to warm up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      runs.push(await largeScaleDown(title === 'on the main thread' ? {} : { solve: planner.solve }));
    }
    const cell = (key: keyof (typeof runs)[number], width: number) =>
      median(runs.slice(1).map((run) => run[key]))
        .toFixed(0)
        .padStart(width);
    console.log(`${title.padEnd(26)}${cell('cpu', 8)} ${cell('busy', 9)} ${cell('answered', 13)} ${cell('freed', 13)}`);
    await planner.close();
  }
}

/** 1,000 groups of three pods become 700, spread by a fixed pattern over 5,000 nodes, a quarter of which others use too. */
async function largeScaleDown(options: Partial<SteeringOptions>) {
  const workload = named('large', 1000);
  const place = (group: number, member: number) => (group * 37 + member * 1201 + ((group * member) % 11) * 53) % 1500;
  const pods = Array.from({ length: workload.replicas }, (_, group) =>
    servingGroup(workload, group, ({ role, worker }) => ({
      node: `n${place(group, role === 'prefill' ? 0 : 1 + worker)}`,
    })),
  ).flat();
  const others = Array.from({ length: 5000 }, (_, index) => podOf(`other-${index}`, { node: `n${index + 1125}` }));
  const nodes = Array.from({ length: 5000 }, (_, index) => nodeOf(`n${index}`));
  const fleet = new EmbeddedFleet(fleetOf([...pods, ...others], [workload], nodes), Date.now);
  const steering = steeringOf(fleet, '800ms', options);

  let isOver = false;
  const busy = longestBusy(() => isOver);
  await setImmediate();
  const [begin, before] = [performance.now(), process.threadCpuUsage()];
  const { audit } = await steering.steer(workload, { ...workload, replicas: 700 });
  const answered = performance.now() - begin;
  const { user, system } = process.threadCpuUsage(before);
  isOver = true;
  const freed = (audit['nodes-freed'] ?? '').split(',').length;
  return { cpu: (user + system) / 1000, busy: await busy, answered, freed };
}

/** The longest time that a task had to wait for its turn, in milliseconds, until it is over. */
async function longestBusy(isOver: () => boolean): Promise<number> {
  let longest = 0;
  for (let last = performance.now(); !isOver(); ) {
    await setTimeout(1);
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}

function named(name: string, replicas: number): Workload {
  return serving(replicas, { prefill: 1, decode: { replicas: 1, workers: 1 } }, { name, uid: `uid-of-${name}` });
}

function steeringOf(fleet: Fleet, budget: string, options: Partial<SteeringOptions> = {}): Steering {
  const config = { ...defaultConfig, steering: { ...defaultConfig.steering, budget, settle: '0ms' } };
  const wait = async () => undefined;
  return new Steering({ fleet, config, now: Date.now, wait, provenCallers: true, ...options });
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
