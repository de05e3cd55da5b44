/**
 * Scale-downs at the same moment, and one on a large fleet. `npm run bench:steering` prints three tables.
 *
 * First: ten workloads shrink at once against an apiserver double whose every answer takes 5 ms, with steering as it is,
 * and for comparison one workload after another and one write after another. Budget: 800 ms.
 * Second: one workload of 1,000 groups shrinks on 5,000 nodes, its plan made on the main thread and in the planner's own
 * thread. CPU: of the main thread. Busy: the longest time in which it could have answered nobody else.
 * Third: one of many workloads shrinks by a tenth towards the target set, on the main thread; and the leader's look ahead
 * at all of them, with the longest stretch between two pauses, and what the thread then takes.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Steering, type SteeringOptions } from '../src/admission/steering.ts';
import { EmbeddedFleet } from '../src/cluster/embedded/embedded-fleet.ts';
import { systemClock } from '../src/cluster/live/clock.ts';
import { LiveFleet } from '../src/cluster/live/live-fleet.ts';
import { defaultConfig } from '../src/config/config.ts';
import { outlookOf } from '../src/config/outlook.ts';
import { scalingOptions } from '../src/config/scaling-options.ts';
import type { Fleet } from '../src/domain/fleet/fleet.ts';
import type { Snapshot } from '../src/domain/fleet/snapshot.ts';
import type { Workload } from '../src/domain/fleet/workload.ts';
import { choose } from '../src/domain/planner/choose.ts';
import { nestedTargets } from '../src/domain/planner/nested-targets.ts';
import { Random } from '../src/domain/planner/random.ts';
import { PlannerThread } from '../src/planning/planner-thread.ts';
import { isObject } from '../src/workloads/core/json.ts';
import { forecast } from '../src/workloads/forecast.ts';
import type { OutlookOf } from '../src/workloads/prospect.ts';
import { adapters } from '../src/workloads/registry.ts';
import { openScaling, type ScalingOptions } from '../src/workloads/scaling.ts';
import { fleetOf, nodeOf, podOf, servingGroup } from '../test/builders/fleet.ts';
import { podObjectOf } from '../test/builders/pod-object.ts';
import { objectOf } from '../test/builders/review.ts';
import { serving } from '../test/builders/workload.ts';
import { ApiServerDouble } from '../test/cluster/live/api-server-double.ts';
import { median } from './statistics.ts';

const ROUNDS = Number(process.argv[2] ?? 5);

await manyAtOnce();
await onLargeFleet();
towardsTargetSet();

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
  const live = new LiveFleet({
    api,
    adapters,
    clock: systemClock,
    log: { info: () => undefined, warn: () => undefined },
  });
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

function towardsTargetSet(): void {
  console.log(
    '\ntowards the target set    pods   step ms   worst   look ahead ms   longest   in the thread   next time',
  );
  for (const nodes of [1000, 5000]) {
    const { fleet, workloads } = manyWorkloads(nodes);
    const snapshot = fleet.snapshot();
    const options = { ...scalingOptions(defaultConfig), outlookOf: outlookOf(snapshot, defaultConfig) };
    const looks = Array.from({ length: ROUNDS }, () => lookAhead(snapshot, options));
    const [look] = looks;
    if (look === undefined) return;
    const { problem, names } = look.found;
    const first = timed(() => nestedTargets(problem));
    const wanted = [...new Set(first.result.flat())];
    const again = timed(() => nestedTargets({ ...problem, warmStart: wanted }));
    const targetSet = wanted.map((node) => names[node] ?? '');
    const steps = workloads.map((workload) => {
      const to = Math.floor(workload.replicas * 0.9);
      const request = { workload: { ...workload, replicas: to }, role: null, from: workload.replicas, to };
      const inputs = { requests: [request], snapshot, options: { ...options, targetSet }, now: Date.now() };
      return timed(() => {
        const open = openScaling(inputs);
        if (open.problem.ahead === undefined) throw new Error('no step towards the target set');
        return open.complete(choose(open.problem));
      }).milliseconds;
    });
    const numbers = [
      median(steps),
      Math.max(...steps),
      median(looks.map(({ milliseconds }) => milliseconds)),
      median(looks.map(({ longest }) => longest)),
      first.milliseconds,
      again.milliseconds,
    ].map((number) => number.toFixed(1).padStart(9));
    console.log(`${`of ${nodes} nodes`.padEnd(26)}${snapshot.podCount} ${numbers.join(' ')}`);
  }
}

function lookAhead(snapshot: Snapshot, options: ScalingOptions & { readonly outlookOf: OutlookOf }) {
  const begin = performance.now();
  let longest = 0;
  const steps = forecast({ snapshot, options, outlookOf: options.outlookOf, now: Date.now() });
  for (;;) {
    const { result, milliseconds } = timed(() => steps.next());
    longest = Math.max(longest, milliseconds);
    if (result.done !== true) continue;
    const { problem, nodes: names } = result.value;
    return { found: { problem, names }, milliseconds: performance.now() - begin, longest };
  }
}

/** Workloads of 50 groups of three pods, spread by a fixed pattern, about five pods on every node. */
function manyWorkloads(size: number) {
  const workloads = Array.from({ length: size / 30 }, (_, index) => named(`w${index}`, 50));
  const random = new Random(1);
  const pods = workloads.flatMap((workload) =>
    Array.from({ length: workload.replicas }, (_, group) =>
      servingGroup(workload, group, () => ({ node: `n${Math.floor(random.next() * size)}` })),
    ).flat(),
  );
  const nodes = Array.from({ length: size }, (_, index) => nodeOf(`n${index}`));
  return { fleet: new EmbeddedFleet(fleetOf(pods, workloads, nodes), Date.now), workloads };
}

function timed<T>(body: () => T): { readonly result: T; readonly milliseconds: number } {
  const begin = performance.now();
  const result = body();
  return { result, milliseconds: performance.now() - begin };
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
