import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { VICTIM } from '../../src/domain/fleet/annotations.ts';
import { untilPackdownAgrees } from './agreement.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { printLogsOfFailure } from './control-plane/logs-of-failure.ts';
import { skipWithout } from './control-plane/skip.ts';
import { findTools, toolsIn } from './control-plane/tools.ts';
import { until } from './control-plane/wait.ts';
import { costOf, costOwnerOf, listPods, nameOf, type Pod } from './pods.ts';
import { REFUSAL, startRefusingWebhook } from './refusing-webhook.ts';
import type { Replica } from './replica.ts';
import { Scaler, scale, settled } from './steering/scale-downs.ts';
import { type ServingCluster, startServingCluster } from './steering/serving-cluster.ts';
import { deployment, replicaSet, servingGroups } from './steering/subjects.ts';
import { describe } from './steering/verdicts.ts';

const found = await findTools();

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/packdown-system/leases/packdown';
/** In seconds. */
const LEASE_DURATION = 10;
const timing = {
  PACKDOWN_LEADER_ELECT_LEASE_DURATION: `${LEASE_DURATION}s`,
  PACKDOWN_LEADER_ELECT_RENEW_DEADLINE: '6s',
  PACKDOWN_LEADER_ELECT_RETRY_PERIOD: '1s',
};

const common = { namespace: 'llm', least: 2, most: 6 };
const chat = servingGroups({ ...common, name: 'chat', roles: [{ name: 'prefill' }, { name: 'decode', workers: 1 }] });
const bare = replicaSet({ ...common, name: 'bare' });
const web = deployment({ ...common, name: 'web' });
const subjects = [chat, bare, web];

suite('two replicas of packdown', { skip: skipWithout('controllers', found) }, () => {
  let cluster: ServingCluster;
  let balancer: Balancer;
  let replicas: Replica[];

  before(async () => {
    Object.assign(process.env, timing);
    balancer = await startBalancer();
    cluster = await startServingCluster(toolsIn(found), {
      nodes: 6,
      config: { steering: { budget: '4s', settle: '200ms', takeBack: '8s' } },
      balancer,
    });
    replicas = [cluster.packdown, await cluster.packdown.addReplica('packdown-2')];
    await cluster.create(subjects);
  });

  afterEach((context) => printLogsOfFailure(context, cluster.controlPlane));

  after(async () => {
    for (const name of Object.keys(timing)) delete process.env[name];
    await cluster?.stop();
    balancer?.close();
  });

  const lease = async () =>
    (await cluster.controlPlane.api.get<{ spec: { holderIdentity?: string; acquireTime: string } }>(LEASE)).spec;
  const holder = async () => {
    const { holderIdentity } = await lease();
    return holderIdentity !== '' && holderIdentity;
  };
  /** The one that says in its log that it is called so. */
  const replicaCalled = async (identity: string) => {
    for (const replica of replicas) if ((await replica.logs()).includes(identity)) return replica;
    return assert.fail(`nobody is called ${identity}`);
  };
  const isMarked = ({ metadata }: Pod) => metadata.annotations?.[VICTIM] !== undefined;
  const marked = async () => (await listPods(cluster.controlPlane)).filter(isMarked);

  /** Everything up to its most, and down at the same instant: as planned. */
  async function scaleTogether(...alive: Replica[]): Promise<void> {
    const { controlPlane } = cluster;
    await Promise.all(subjects.map((subject) => scale(controlPlane, subject, subject.most)));
    const scaleDowns = await new Scaler(controlPlane, ...alive).scaleDownTogether(subjects);
    const verdicts = await cluster.judge(scaleDowns);
    assert.deepEqual(verdicts.filter(({ missed }) => missed).map(describe), []);
    for (const replica of alive) {
      await untilPackdownAgrees(
        controlPlane,
        replica,
        subjects.map((subject) => [subject, subject.least] as const),
      );
    }
  }

  test('steer together, whichever of them is asked', async () => {
    await until('somebody to lead', holder);
    await scaleTogether(...replicas);
  });

  test('when the leader is killed, the other leads within the lease time and takes back what is overdue', async () => {
    const { controlPlane } = cluster;
    await Promise.all(subjects.map((subject) => scale(controlPlane, subject, subject.most)));
    const before = new Set(
      (await Promise.all(subjects.map((subject) => settled(controlPlane, subject, subject.most))))
        .flat()
        .map(({ metadata }) => metadata.uid),
    );
    for (const replica of replicas) await untilPackdownAgrees(controlPlane, replica, [[bare, bare.most]]);
    const first = await until('somebody to lead', holder);
    const leader = await replicaCalled(first);
    const [other = leader] = replicas.filter((replica) => replica !== leader);

    const webhook = await startRefusingWebhook(
      controlPlane,
      [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['replicasets/scale'] }],
      () => until('packdown to mark', async () => (await marked()).length > 0),
    );
    let leaderless: number;
    try {
      await until('the other webhook to be called', async () => {
        const { stderr } = await controlPlane.kubectl('scale', '-n=llm', 'rs/bare', '--replicas=5', '--dry-run=server');
        return stderr.includes(REFUSAL);
      });
      await assert.rejects(scale(controlPlane, bare, bare.least), RegExp(REFUSAL));
      const killed = Date.now();
      await leader.stop();
      assert.ok((await marked()).length > 0);
      await until('another to lead', async () => {
        const next = await holder();
        return typeof next === 'string' && next !== first;
      });
      // As the new leader says, not when it was seen here: a slow machine sees it late.
      leaderless = (Date.parse((await lease()).acquireTime) - killed) / 1000;
    } finally {
      await webhook.close();
    }
    console.log(`nobody led for ${leaderless.toFixed(1)} s, with a lease of ${LEASE_DURATION} s`);
    assert.ok(leaderless <= LEASE_DURATION);
    await until('the new leader to take the marks back', async () => (await marked()).length === 0);
    const pods = (await listPods(controlPlane)).filter(({ metadata }) => metadata.namespace === common.namespace);
    assert.deepEqual(new Set(pods.map(({ metadata }) => metadata.uid)), before);
    for (const pod of pods) assert.equal(costOf(pod), costOwnerOf(pod), nameOf(pod));

    await scaleTogether(other);
    await leader.restart();
    await scaleTogether(...replicas);
    assert.equal(await replicaCalled(await until('somebody to lead', holder)), other);
  });
});
