import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { VICTIM } from '../../src/domain/fleet/annotations.ts';
import { untilPackdownAgrees } from './agreement.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { costOf, costOwnerOf, listPods, nameOf, type Pod } from './pods.ts';
import { REFUSAL, startRefusingWebhook } from './refusing-webhook.ts';
import { planned, type ScaleDown, scale, settled } from './steering/scale-downs.ts';
import { type ServingCluster, startServingCluster } from './steering/serving-cluster.ts';
import { deployment, replicaSet, type Subject, servingGroups, servingRole } from './steering/subjects.ts';
import { describe, type Verdict } from './steering/verdicts.ts';

const found = await findTools();

const ROUNDS = 3;
const common = { namespace: 'llm', least: 2, most: 6 };
const pair = [{ name: 'prefill' }, { name: 'decode', workers: 1 }];
const chat = servingGroups({ ...common, name: 'chat', roles: pair, most: 5 });
const bare = replicaSet({ ...common, name: 'bare' });
const subjects = [
  chat,
  bare,
  servingGroups({ ...common, name: 'code', roles: [{ name: 'serve', workers: 2 }], policy: 'binpack', most: 4 }),
  servingRole({ ...common, name: 'pool', roles: pair, groups: 2, most: 4 }),
  servingRole({ ...common, name: 'edge', roles: pair, groups: 1, policy: 'ordinal', most: 5 }),
  replicaSet({ ...common, name: 'other', policy: 'ordinal' }),
  replicaSet({ ...common, name: 'third', gpus: 2, most: 4 }),
  deployment({ ...common, name: 'web' }),
  deployment({ ...common, name: 'embed', gpus: 2, policy: 'binpack' }),
  deployment({ ...common, name: 'rank', policy: 'ordinal' }),
];

suite('several changes at once', { skip: skipWithout('controllers', found) }, () => {
  let cluster: ServingCluster;

  before(async () => {
    cluster = await startServingCluster(toolsIn(found), {
      nodes: 16,
      config: { steering: { budget: '4s', settle: '200ms', takeBack: '10s' } },
    });
    await cluster.create(subjects);
  });

  afterEach((context) => printLogsOfFailure(context, cluster.controlPlane));

  after(() => cluster?.stop());

  /** How often packdown has written the cost of each pod in that time. */
  async function writesDuring(scaleDowns: ScaleDown[]): Promise<Map<string, number>> {
    const { controlPlane, packdown } = cluster;
    const [began, ended] = [
      Math.min(...scaleDowns.map(({ began }) => began)),
      Math.max(...scaleDowns.map(({ ended }) => ended)),
    ];
    const writes = (await controlPlane.auditLog()).filter(
      ({ verb, user, objectRef, responseStatus, requestReceivedTimestamp: at }) =>
        verb === 'patch' &&
        user.username === packdown.username &&
        objectRef?.resource === 'pods' &&
        responseStatus?.code === 200 &&
        Date.parse(at) >= began &&
        Date.parse(at) <= ended,
    );
    const byPod = Map.groupBy(writes, ({ objectRef }) => `${objectRef?.namespace}/${objectRef?.name}`);
    return new Map([...byPod].map(([pod, all]) => [pod, all.length]));
  }

  test('ten workloads scaled down at the same instant each lose their planned victims, none of them twice', async () => {
    const { controlPlane, scaler } = cluster;
    const verdicts: Verdict[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const scaleDowns = await scaler.scaleDownTogether(subjects);
      const judged = await cluster.judge(scaleDowns);
      verdicts.push(...judged);
      const twice = [...(await writesDuring(scaleDowns))].filter(([, writes]) => writes > 1);
      assert.deepEqual(twice, [], 'costs written more than once');
      for (const { scaleDown, planned, gonePods } of judged) {
        const { subject } = scaleDown;
        assert.equal(new Set(planned).size, planned.length, `${subject.name}: ${planned}`);
        assert.equal(gonePods.length, subject.podsAt(subject.most) - subject.podsAt(subject.least), subject.name);
      }
      await Promise.all(subjects.map((subject) => scale(controlPlane, subject, subject.most)));
    }
    const misses = verdicts.filter(({ missed }) => missed);
    const longest = Math.max(...verdicts.flatMap(({ requests }) => requests.map(({ milliseconds }) => milliseconds)));
    console.log(
      `${verdicts.length - misses.length} of ${verdicts.length} simultaneous scale-downs went as planned;`,
      `the slowest request took ${longest.toFixed(0)} ms`,
    );
    assert.deepEqual(misses.map(describe), []);
    assert.equal(verdicts.length, ROUNDS * subjects.length);
  });

  test('a change that another webhook refuses after the costs were written leaves no mark behind and no pod deleted', async () => {
    const { controlPlane, packdown, scaler } = cluster;
    const refused = [chat, bare];
    const before = new Map<Subject, string[]>();
    for (const subject of refused) {
      const pods = await scaler.ready(subject, subject.most);
      before.set(subject, pods.map(({ metadata }) => metadata.uid).sort());
      assert.ok((await planned(packdown, subject, subject.least)).costs > 0);
    }
    const isMarked = ({ metadata }: Pod) => metadata.annotations?.[VICTIM] !== undefined;
    const markedOf = async ({ name }: Subject) =>
      (await listPods(controlPlane)).filter((pod) => isMarked(pod) && pod.metadata.name.startsWith(`${name}-`));
    const webhook = await startRefusingWebhook(
      controlPlane,
      [
        { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['replicasets/scale'] },
        { apiGroups: ['workload.serving.volcano.sh'], apiVersions: ['*'], resources: ['modelservings/scale'] },
      ],
      // Both, before either is refused.
      () =>
        until('packdown to mark', async () =>
          (await Promise.all(refused.map(markedOf))).every(({ length }) => length > 0),
        ),
    );
    try {
      await until('the other webhook to be called', async () => {
        const { stderr } = await controlPlane.kubectl(
          'scale',
          '-n=llm',
          'rs/other',
          '--replicas=3',
          '--dry-run=server',
        );
        return stderr.includes(REFUSAL);
      });
      const answers = await Promise.allSettled(refused.map((subject) => scale(controlPlane, subject, subject.least)));
      for (const answer of answers)
        assert.match(String(answer.status === 'rejected' && answer.reason), RegExp(REFUSAL));
      await until('packdown to take its marks back', async () => !(await listPods(controlPlane)).some(isMarked));
    } finally {
      await webhook.close();
    }

    for (const pod of await listPods(controlPlane)) {
      if (nameOf(pod) !== 'default/fence') assert.equal(costOf(pod), costOwnerOf(pod), nameOf(pod));
    }
    for (const subject of refused) {
      const pods = await settled(controlPlane, subject, subject.most);
      assert.deepEqual(pods.map(({ metadata }) => metadata.uid).sort(), before.get(subject));
    }
    await untilPackdownAgrees(
      controlPlane,
      packdown,
      refused.map((subject) => [subject, subject.most] as const),
    );

    const verdicts = await cluster.judge(await scaler.scaleDownTogether(refused));
    assert.deepEqual(verdicts.filter(({ missed }) => missed).map(describe), []);
  });
});
