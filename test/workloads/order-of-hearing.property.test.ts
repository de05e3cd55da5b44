import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { asCounts } from '../../src/admission/scaled-target.ts';
import { validateCounts } from '../../src/admission/validate.ts';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { outlookOf } from '../../src/config/outlook.ts';
import { scalingOptions } from '../../src/config/scaling-options.ts';
import { workloadId } from '../../src/domain/fleet/workload.ts';
import { objectAt } from '../../src/workloads/core/json.ts';
import { reportCosts } from '../../src/workloads/cost-report.ts';
import { forecast } from '../../src/workloads/forecast.ts';
import { unchangedRequests } from '../../src/workloads/scale-requests.ts';
import { configOf, webhook } from '../admission/webhook.ts';
import { NOW, planOf, scaleTo } from '../builders/fleet.ts';
import { revisionObject } from '../builders/kthena-objects.ts';
import { nodeObject, objectOf, podObject } from '../builders/objects.ts';
import { RBG, roleBasedGroup, roleInstance, roleInstanceSet } from '../builders/rbg-objects.ts';
import { scaleReview } from '../builders/review.ts';
import { stories as apps } from './stories/apps.ts';
import { stories as disaggregatedSets } from './stories/disaggregated-set.ts';
import { stories as grove } from './stories/grove.ts';
import { stories as kthena } from './stories/kthena.ts';
import { stories as lws } from './stories/lws.ts';
import { stories as rbg } from './stories/rbg.ts';
import { stories as scalingGroups } from './stories/resource-scaling-group.ts';

const stories = [...kthena, ...rbg, ...scalingGroups, ...lws, ...disaggregatedSets, ...grove, ...apps];
const config = configOf('steering: {settle: 0ms}');
const NODES = ['n1', 'n2', 'n3'];

const DISAGGREGATED = 'disaggregatedset.x-k8s.io/v1';
const disaggregated = objectOf(DISAGGREGATED, 'DisaggregatedSet', 'chat', {
  spec: { roles: ['prefill', 'decode'].map((name) => ({ name, scaling: { mode: 'External' } })) },
});
const roleScaler = (name: string, role: string, replicas: number) =>
  objectOf(DISAGGREGATED, 'DisaggregatedSetRoleScaler', name, {
    owner: disaggregated,
    labels: { 'disaggregatedset.x-k8s.io/role': role },
    spec: { replicas },
  });
const scalingAdapter = (name: string, role: string, replicas: number) =>
  objectOf(RBG, 'RoleBasedGroupScalingAdapter', name, {
    owner: roleBasedGroup(1, 3),
    isController: false,
    spec: { replicas, scaleTargetRef: { name: 'chat', role } },
  });
const scalingGroup = (name: string, followRatio: number) =>
  objectOf('autoscaling.openfuyao.com/v1alpha1', 'ResourceScalingGroup', name, {
    spec: {
      scalingStrategy: {
        leaderFollowerConfig: {
          leader: { kind: 'Deployment', name: 'lead', replicas: 2 },
          follower: [{ kind: 'Deployment', name: 'web', followRatio }],
        },
      },
    },
  });

const serving = {
  apiVersion: 'workload.serving.volcano.sh/v1alpha1',
  kind: 'ModelServing',
  metadata: { namespace: 'llm', name: 'chat', uid: 'uid-of-chat' },
  spec: {
    replicas: 1,
    template: {
      roles: [
        { name: 'prefill', replicas: 1 },
        { name: 'decode', replicas: 2 },
      ],
    },
  },
};
const revision = (name: string, decode: number) =>
  revisionObject(decode, { metadata: { ...objectAt(revisionObject(decode), 'metadata'), name } });

/** What several objects claim, and what nothing but its name tells from others. */
const fleets: Readonly<Record<string, readonly object[]>> = {
  'two scaling adapters of one role': [
    roleBasedGroup(1, 3),
    scalingAdapter('a', 'decode', 0),
    scalingAdapter('b', 'decode', 4),
    scalingAdapter('chat-prefill', 'prefill', 1),
  ],
  'two role scalers of one role': [
    disaggregated,
    roleScaler('a', 'decode', 2),
    roleScaler('b', 'decode', 4),
    roleScaler('chat-prefill', 'prefill', 1),
    objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat-0-decode', {
      owner: disaggregated,
      labels: { 'disaggregatedset.x-k8s.io/role': 'decode' },
      spec: { replicas: 2 },
    }),
  ],
  'two ResourceScalingGroups of one member': [
    scalingGroup('a', 2),
    scalingGroup('b', 3),
    ...['lead', 'web'].map((name) => objectOf('apps/v1', 'Deployment', name, { spec: { replicas: 4 } })),
  ],
  'two workloads that carry out one role': [
    roleBasedGroup(1, 3),
    roleInstanceSet(2, { owner: roleBasedGroup(1, 3) }),
    objectOf('apps/v1', 'StatefulSet', 'chat-decode', { owner: roleBasedGroup(1, 3), spec: { replicas: 3 } }),
    ...roleInstance('chat-decode-a', 60, 'n1'),
    ...roleInstance('chat-decode-b', 60, 'n2'),
  ],
  'instances that spread over nodes': [
    roleInstanceSet(3),
    ...['a', 'b', 'c'].flatMap((name) => {
      const [instance] = roleInstance(`chat-decode-${name}`, 60, 'n1');
      assert.ok(instance !== undefined);
      return [instance, ...NODES.map((node) => podObject(`${name}-on-${node}`, { owner: instance, node }))];
    }),
  ],
  'two revisions of one second': [serving, revision('chat-a', 2), revision('chat-b', 9)],
};

const told = Object.fromEntries(
  stories.map(({ adapter, object, replicas, around }, index) => [
    `${adapter.kind}.${adapter.group} of story ${index}`,
    [object(replicas), ...around],
  ]),
);

function heard(objects: readonly object[]): FleetIndex {
  return loadFleet(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }), 'objects');
}

/** What packdown says of these objects, heard of in this order, and of every count that they may be given. */
async function answers(objects: readonly object[]): Promise<ReadonlyMap<string, unknown>> {
  const fleet = heard(objects);
  const said = new Map<string, unknown>();
  const targeted = { ...scalingOptions(config), targetSet: NODES, outlookOf: outlookOf(fleet, config) };
  for (const workload of fleet.workloads()) {
    for (const { role, from } of unchangedRequests(workload)) {
      for (const to of [0, from - 1, from + 1]) {
        const scale = `${workloadId(workload)}:${role}=${to}`;
        const counts = role === null ? { replicas: to, roles: new Map() } : asCounts(role, to);
        said.set(`verdict on ${scale}`, validateCounts(workload, counts, fleet, config, NOW));
        const { victims, stages, nodesFreed, created, warnings, notes } = planOf(
          scaleTo(workload, to, role),
          fleet,
          'consolidate',
          targeted,
        );
        const going = victims.map(({ candidate: { name, group }, steered }) => ({ name, group, steered }));
        const writes = stages.map((stage) => stage.map(({ carrier, to: cost }) => `${carrier.name} ${cost}`));
        said.set(`plan of ${scale}`, { going, writes, nodesFreed, created, warnings, notes });
      }
    }
    const index = heard(objects);
    const answer = await webhook({ index, config }).validate(scaleReview(workload, workload.replicas - 1));
    const instances = [...index.instances()].map(({ name, cost }) => `${name} ${cost}`).sort();
    said.set(`review of ${workloadId(workload)}`, { answer, costs: reportCosts(index), instances });
  }
  const steps = forecast({
    snapshot: fleet,
    options: targeted,
    outlookOf: outlookOf(fleet, config, () => 1),
    now: NOW,
  });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return said.set('forecast', step.value);
}

describe('the order in which objects are heard of', () => {
  for (const [name, objects] of Object.entries({ ...fleets, ...told })) {
    it(`changes no answer, plan, cost or forecast: ${name}`, async () => {
      const all = [...NODES.map(nodeObject), ...objects];
      const expected = await answers(all);
      await fc.assert(
        fc.asyncProperty(fc.shuffledSubarray(all, { minLength: all.length }), async (shuffled) => {
          assert.deepEqual(await answers(shuffled), expected);
        }),
        { numRuns: 10, examples: [[[...all].reverse()]] },
      );
    });
  }
});
