import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { type ControlPlane, startControlPlane } from './control-plane/control-plane.ts';
import { inLanes } from './control-plane/lanes.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { createNodes } from './control-plane/nodes.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { type Installation, installPackdown } from './installation.ts';
import { createKthenaDefinition, type KthenaDouble, startKthenaDouble } from './kthena-double/kthena-double.ts';
import { label } from './kthena-double/model-serving.ts';
import { addForeignCost, holdRollout, neverStamp } from './steering/circumstances.ts';
import { barePods, keptGroups, rolling, stampedPods } from './steering/fleet.ts';
import { type Baseline, latencyTable, measureBaseline } from './steering/latency.ts';
import { type Cell, missTable } from './steering/miss-table.ts';
import { startPodTraffic } from './steering/pod-traffic.ts';
import { seeded } from './steering/random.ts';
import { fencePod, POD_DELETION_COST, type ScaleDown, Scaler, scale, settled } from './steering/scale-downs.ts';
import type { Subject } from './steering/subjects.ts';
import { describe, judge, STEERING } from './steering/verdicts.ts';

const SEED = 1;
/** So many workloads are scaled at a time: more would measure the machine. */
const LANES = 5;
/**
 * Milliseconds that a controller gets to see what packdown has seen. On two cores that do all this, one scale-down in
 * some hundred is decided before; and the budget is so large that a slow machine shows in the latency, not in writes
 * left out.
 */
const SETTLE = 200;

/** Pod updates a second beside the scale-downs: what else happens in a busy cluster. */
const TRAFFIC = 50;

const sumOf = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, n) => sum + n, 0);

const found = await findTools();

suite('steering scale-downs', { skip: skipWithout('controllers', found) }, () => {
  let controlPlane: ControlPlane;
  let kthena: KthenaDouble;
  let packdown: Installation;
  let baseline: Baseline;
  let scaler: Scaler;

  before(async () => {
    controlPlane = await startControlPlane(toolsIn(found));
    await createKthenaDefinition(controlPlane);
    await controlPlane.startComponents(['kube-controller-manager', 'kube-scheduler', 'kwok']);
    kthena = await startKthenaDouble({ kubeconfig: controlPlane.adminKubeconfig, seed: SEED });
    for (const name of ['older', 'llm']) await controlPlane.api.create('/api/v1/namespaces', { metadata: { name } });
    await createNodes(controlPlane, 26);
    baseline = await measureBaseline(controlPlane);
    await create(barePods);

    packdown = await installPackdown(controlPlane, { config: { steering: { budget: '4s', settle: `${SETTLE}ms` } } });
    await neverStamp(controlPlane, 'older');
    await controlPlane.startScheduler([packdown.extender]);
    await controlPlane.api.create('/api/v1/namespaces/default/pods', fencePod);
    await create(stampedPods);
    const { namespace, names, cost } = keptGroups;
    const selector = `${label.group} in (${names.join()})`;
    await kubectl('annotate', 'pods', '-n', namespace, '-l', selector, `${POD_DELETION_COST}=${cost}`, '--overwrite');
    await controlPlane.apply(rolling.object);
    await kubectl('rollout', 'status', '--namespace=llm', 'deployment/rolling', '--timeout=60s');
    await holdRollout(controlPlane, rolling);
    scaler = new Scaler(controlPlane, packdown);
  });

  afterEach((context) => printLogsOfFailure(context, controlPlane));

  after(async () => {
    await kthena?.stop();
    await controlPlane?.stop();
  });

  const kubectl = (...args: string[]) => controlPlane.kubectlOutput(...args);
  const create = async (subjects: Subject[]) => {
    await controlPlane.apply(...subjects.map(({ object }) => object));
    await Promise.all(subjects.map((subject) => settled(controlPlane, subject, subject.most)));
  };
  const verdictsOf = async (scaleDowns: ScaleDown[]) => {
    const audit = await controlPlane.auditLog();
    const evidence = { audit, packdown: packdown.username, recorded: kthena.decisions };
    return scaleDowns.map((scaleDown) => judge(scaleDown, evidence));
  };

  /** Scales a workload that has its most down and up again, with somebody else's cost on a pod now and then. */
  async function rounds(subject: Subject, count: number): Promise<ScaleDown[]> {
    const draw = seeded(SEED, `${subject.namespace}/${subject.name}`);
    const done: ScaleDown[] = [];
    for (let at = subject.most; done.length < count; ) {
      if (draw(1, 4) === 1) await addForeignCost(controlPlane, subject, at, draw);
      const to = draw(subject.least, at - 1);
      done.push(await scaler.scaleDown(subject, at, to, { withKubectl: draw(1, 6) === 1 }));
      at = done.length === count ? subject.most : draw(to + 1, subject.most);
      await scale(controlPlane, subject, at);
    }
    return done;
  }

  /** What packdown tells of its predictions once so many more are settled. */
  const toldOf = (predictions: number, before: Readonly<Record<string, number>>) =>
    until('packdown to have seen what went', async () => {
      const told = await packdown.predictions();
      return sumOf(told) >= sumOf(before) + predictions && told;
    });

  /** 100 scale-downs of random size, judged and reported. */
  async function hundred(): Promise<void> {
    const toldBefore = await packdown.predictions();
    const began = performance.now();
    const scaleDowns = await inLanes(LANES, [...barePods, ...stampedPods, rolling], (subject) =>
      rounds(subject, subject.kind === 'ModelServing' ? 8 : 9),
    );
    const seconds = (performance.now() - began) / 1000;
    const verdicts = await verdictsOf(scaleDowns.flat());
    const misses = verdicts.filter(({ missed }) => missed);
    const asPlanned = verdicts.length - misses.length;
    console.log(`${asPlanned} of ${verdicts.length} scale-downs went as planned, in ${seconds.toFixed(0)} s`);
    console.log(`Milliseconds that packdown adds to a request, and ${SETTLE} (steering.settle) if it writes costs:`);
    console.log([latencyTable(verdicts, baseline, SETTLE), ...misses.map(describe)].join('\n'));
    if (misses.length > 0) console.log(await packdown.logs());
    assert.equal(verdicts.length, 100);
    assert.equal(asPlanned, 100);
    assert.ok(verdicts.filter(({ hadBarePods }) => hadBarePods).length >= 20);
    // A Deployment with two ReplicaSets shrinks both, and each is a prediction.
    const { right = 0, ...others } = await toldOf(verdicts.length, toldBefore);
    assert.deepEqual(
      Object.entries(others).filter(([, times]) => times > 0),
      [],
    );
    assert.ok(right >= sumOf(toldBefore) + verdicts.length);
  }

  test('in 100 scale-downs of random size, the pods that go are those that were planned', hundred);

  test(`while ${TRAFFIC} pods a second are updated, the pods that go in 100 more are those that were planned`, async () => {
    // Callers without certificates have a workload steered ten times at once, then every 6 s: two hundreds are too
    // many.
    await packdown.restart();
    const namespaces = ['older', 'llm'];
    const traffic = startPodTraffic(controlPlane, { namespaces, rate: TRAFFIC, draw: seeded(SEED, 'traffic') });
    try {
      await hundred();
    } finally {
      const rate = await traffic.end();
      console.log(`${rate.toFixed(1)} pods a second were updated`);
      assert.ok(rate >= TRAFFIC * 0.9);
    }
  });

  test('a rollout that empties a ReplicaSet is left alone, while a scale-down in its midst is steered', async () => {
    const began = Date.now();
    await controlPlane.api.patch(rolling.path, { spec: { paused: false } }, 'merge');
    const verdicts = await verdictsOf([await scaler.scaleDown(rolling, rolling.most, rolling.least)]);
    await createNodes(controlPlane, 1, { prefix: 'open', labels: { rollout: 'open' } });
    await kubectl('rollout', 'status', '--namespace=llm', 'deployment/rolling', '--timeout=60s');

    const since = (await controlPlane.auditLog()).filter(
      ({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) >= began,
    );
    const leftAlone = since.filter((entry) => rolling.decides(entry) && entry.annotations?.[STEERING] !== undefined);
    assert.ok(leftAlone.length >= 2, `${leftAlone.length} updates of ReplicaSets were left to the rollout`);
    const planned = verdicts.flatMap(({ plannedPods }) => plannedPods);
    const gone = verdicts.flatMap(({ gonePods }) => gonePods);
    const written = since.filter(
      ({ verb, user, objectRef }) =>
        verb === 'patch' && user.username === packdown.username && objectRef?.namespace === 'llm',
    );
    assert.ok(planned.length > 0);
    assert.deepEqual(
      planned.filter((name) => !gone.includes(name)),
      [],
    );
    const names = new Set(written.map(({ objectRef }) => objectRef?.name ?? ''));
    assert.deepEqual(
      [...names].filter((name) => !planned.includes(name)),
      [],
    );
  });

  test('a controller that sees pods late is caught when it does not obey, and obeys if it is given the time', async () => {
    const subjects = [...barePods, ...stampedPods].filter(({ kind }) => kind === 'ModelServing');
    // The longest leaves what it takes of the budget to plan and to write for all at once: else it cuts the settling.
    const delays = [200, 1000, 2000];
    const cells = [
      ...delays.map((delay) => ({ delay, settle: 0 })),
      ...delays.map((delay) => ({ delay, settle: delay + SETTLE })),
    ];
    const draw = seeded(SEED, 'delays');
    const results: Cell[] = [];
    for (const { delay, settle } of cells) {
      await Promise.all(subjects.map((subject) => settled(controlPlane, subject, subject.most)));
      if (settle !== results.at(-1)?.settle) {
        process.env.PACKDOWN_STEERING_SETTLE = `${settle}ms`;
        await packdown.restart();
      }
      kthena.delayPodWatch(delay);
      const toldBefore = await packdown.predictions();
      const scaleDowns = await Promise.all(
        subjects.map(async (subject) => {
          const done = await scaler.scaleDown(subject, subject.most, draw(subject.least, subject.most - 1));
          await scale(controlPlane, subject, subject.most);
          return done;
        }),
      );
      const verdicts = await verdictsOf(scaleDowns);
      results.push({ delay, settle, verdicts });
      const { right = 0, wrong = 0 } = await toldOf(scaleDowns.length, toldBefore);
      const misses = verdicts.filter(({ missed }) => missed);
      const [were, are] = [toldBefore.wrong ?? 0, toldBefore.right ?? 0];
      assert.deepEqual(
        { wrong: wrong - were, right: right - are },
        { wrong: misses.length, right: verdicts.length - misses.length },
        misses.map(describe).join('\n'),
      );
    }
    delete process.env.PACKDOWN_STEERING_SETTLE;
    console.log(missTable(results));
    const verdicts = results.flatMap((cell) => cell.verdicts);
    assert.deepEqual(verdicts.filter(({ missed, disobeyed }) => missed !== disobeyed).map(describe), []);
    const given = results.filter(({ delay, settle }) => settle > delay).flatMap((cell) => cell.verdicts);
    assert.deepEqual(given.filter(({ missed }) => missed).map(describe), []);
    assert.ok(verdicts.some(({ missed }) => missed));
  });
});
