import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { VICTIM } from '../../src/domain/fleet/annotations.ts';
import { untilPackdownAgrees } from './agreement.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { failedOpen } from './fault-proxy/failed-open.ts';
import { type FaultRule, isPodPatch, storm } from './fault-proxy/faults.ts';
import { costOf, costOwnerOf, listPods, nameOf, type Pod } from './pods.ts';
import { watchReadiness } from './readiness.ts';
import { seeded } from './steering/random.ts';
import { scale, settled } from './steering/scale-downs.ts';
import { type ServingCluster, startServingCluster } from './steering/serving-cluster.ts';
import { deployment, replicaSet, type Subject, servingGroups } from './steering/subjects.ts';
import { describe, type Verdict } from './steering/verdicts.ts';

const found = await findTools();

const SEED = 1;
/** So often is everything scaled down and up in a storm. */
const ROUNDS = 5;
/** What a steered change that could not be written in full says. */
const SHORTFALL = /others may go instead|nothing was (steered|written)/;

const common = { namespace: 'llm', least: 2, most: 6 };
const subjects = [
  servingGroups({ ...common, name: 'chat', roles: [{ name: 'prefill' }, { name: 'decode', workers: 1 }] }),
  replicaSet({ ...common, name: 'bare' }),
  deployment({ ...common, name: 'web' }),
];

suite('packdown in bad weather', { skip: skipWithout('controllers', found) }, () => {
  let cluster: ServingCluster;
  let readiness: ReturnType<typeof watchReadiness>;
  let failedOpenBefore: number;

  before(async () => {
    process.env.PACKDOWN_WATCH_SILENCE = '3s';
    cluster = await startServingCluster(toolsIn(found), {
      nodes: 6,
      config: { steering: { budget: '2s', settle: '200ms', takeBack: '10s' } },
    });
    await cluster.create(subjects);
  });

  beforeEach(async () => {
    await scaleAll('most');
    await allSettled('most');
    await agree('most');
    readiness = watchReadiness(cluster.packdown);
    failedOpenBefore = await failedOpen(cluster.controlPlane);
  });

  afterEach(async (context) => {
    cluster.proxy.strike(null);
    const { unready } = await readiness.end();
    await printLogsOfFailure(context, cluster.controlPlane);
    assert.equal(unready, 0, `packdown was not ready ${unready} times`);
    // Every review was answered within the 5 s of the manifests: packdown keeps its budget of 2 s.
    assert.equal(await failedOpen(cluster.controlPlane), failedOpenBefore);
  });

  after(async () => {
    delete process.env.PACKDOWN_WATCH_SILENCE;
    await cluster?.stop();
  });

  const agree = (count: 'least' | 'most', options?: { timeout: number }) =>
    untilPackdownAgrees(
      cluster.controlPlane,
      cluster.packdown,
      subjects.map((subject) => [subject, subject[count]] as const),
      options,
    );
  const scaleAll = (count: 'least' | 'most') =>
    Promise.all(subjects.map((subject) => scale(cluster.controlPlane, subject, subject[count])));
  const allSettled = (count: 'least' | 'most') =>
    Promise.all(subjects.map((subject) => settled(cluster.controlPlane, subject, subject[count])));

  /** Every pod of the workloads, and what stands on it for controllers and for packdown. */
  const costs = async () => {
    const pods = (await listPods(cluster.controlPlane)).filter(
      ({ metadata }) => metadata.namespace === common.namespace,
    );
    return pods.map((pod) =>
      [nameOf(pod), costOf(pod), costOwnerOf(pod), pod.metadata.annotations?.[VICTIM]].join(' '),
    );
  };
  const scaleDown = (subject: Subject) =>
    cluster.scaler.scaleDown(subject, subject.most, subject.least, { withKubectl: true });

  /** Everything goes as if there had been no storm: the clear weather afterwards. */
  async function allIsWell(): Promise<void> {
    const { controlPlane, scaler, proxy } = cluster;
    proxy.strike(null);
    await scaleAll('most');
    const verdicts = await cluster.judge(await scaler.scaleDownTogether(subjects));
    assert.deepEqual(verdicts.filter(({ missed }) => missed).map(describe), []);
    await agree('least');
    const isMarked = ({ metadata }: Pod) => metadata.annotations?.[VICTIM] !== undefined;
    await until('every mark to be gone', async () => !(await listPods(controlPlane)).some(isMarked));
  }

  test('while requests are refused, reset, unanswered and late, what goes is what was planned, or else it says so', async () => {
    const { proxy } = cluster;
    const began = proxy.exchanges.length;
    proxy.strike(storm(seeded(SEED, 'storm')));
    const verdicts: Verdict[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      verdicts.push(...(await cluster.judge(await Promise.all(subjects.map(scaleDown)))));
      await scaleAll('most');
      await allSettled('most');
    }
    const [short, full] = [true, false].map((wanted) =>
      verdicts.filter(({ scaleDown }) => SHORTFALL.test(scaleDown.said) === wanted),
    );
    // A Deployment's warnings go to its controller, so nobody knows here.
    const missed = full?.filter(({ missed, scaleDown }) => missed && scaleDown.subject.kind !== 'Deployment') ?? [];
    assert.deepEqual(missed.map(describe), []);
    await allIsWell();
    const struck = proxy.exchanges.slice(began);
    const faults = Map.groupBy(struck, ({ fault }) => fault);
    console.log(
      `${struck.length} requests: ${[...faults].map(([fault, all]) => `${all.length} ${fault ?? 'passed on'}`).join(', ')};`,
      `${short?.length} of ${verdicts.length} changes were said not to be steered in full, and`,
      `${verdicts.filter(({ missed }) => missed).length} took other pods than planned`,
    );
    for (const kind of ['refused', 'reset', 'unanswered', 'held'] as const) assert.ok(faults.has(kind), kind);
  });

  const noWrites: [string, FaultRule][] = [
    ['refused with 429', (asked) => (isPodPatch(asked) ? { kind: 'refused', status: 429, retryAfter: 2 } : null)],
    ['refused with 500', (asked) => (isPodPatch(asked) ? { kind: 'refused', status: 500 } : null)],
    ['reset', (asked) => (isPodPatch(asked) ? { kind: 'reset' } : null)],
    ['never answered', (asked) => (isPodPatch(asked) ? { kind: 'held', until: new Promise(() => {}) } : null)],
  ];
  for (const [how, rule] of noWrites) {
    test(`when every write is ${how}, changes are allowed with a warning, and nothing is left behind`, async () => {
      const before = new Set(await costs());
      cluster.proxy.strike(rule);
      const [bare] = subjects.filter(({ kind }) => kind === 'ReplicaSet');
      const [chat] = subjects.filter(({ kind }) => kind === 'ModelServing');
      for (const subject of [bare, chat]) {
        assert.ok(subject !== undefined);
        assert.match((await scaleDown(subject)).said, SHORTFALL);
      }
      assert.deepEqual(
        (await costs()).filter((pod) => !before.has(pod)),
        [],
      );
      await allIsWell();
    });
  }

  test('watches that stay open but silent are noticed, and what happened meanwhile is made up for', async () => {
    const { proxy } = cluster;
    const silenced = proxy.silenceWatches();
    assert.ok(silenced >= subjects.length, `${silenced} watches are silent`);
    await scaleAll('least');
    await allSettled('least');
    await agree('least', { timeout: 240_000 });
    await allIsWell();
  });

  test('watches that are reset again and again lose nothing', async () => {
    const { proxy } = cluster;
    for (let round = 0; round < ROUNDS; round += 1) {
      await scaleAll(round % 2 === 0 ? 'least' : 'most');
      proxy.resetWatches();
    }
    await allSettled('least');
    await agree('least');
    await allIsWell();
  });
});
