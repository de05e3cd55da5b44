import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KEEP } from '../../src/domain/fleet/annotations.ts';
import { type Pod, staysOnFreeNode } from '../../src/domain/fleet/pod.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { parseResources } from '../../src/domain/resources/resource-list.ts';
import { deployment as deploymentAdapter } from '../../src/workloads/apps/deployment.ts';
import { replicaSetAdapter } from '../../src/workloads/apps/replica-set.ts';
import { statefulSetAdapter } from '../../src/workloads/apps/stateful-set.ts';
import { readNode } from '../../src/workloads/core/node.ts';
import { readPod } from '../../src/workloads/core/pod.ts';
import { appsPod, fleetOf, NOW, planOf, scaleTo } from '../builders/fleet.ts';
import { ARGO, deployment, rolledReplicaSet } from '../builders/workload.ts';

const web = deployment(3);
const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: web.uid };
const replicaSet = (name: string, replicas: number, rest: Partial<Workload> = {}) =>
  deployment(replicas, { kind: 'ReplicaSet', name, uid: `uid-of-${name}`, owner, ...rest });

test('flat kinds have one count, 1 where it is left out, and no roles', () => {
  const metadata = { namespace: 'default', name: 'web', uid: 'u1', ownerReferences: [{ ...owner, controller: true }] };
  assert.deepEqual(replicaSetAdapter.read({ metadata, spec: { replicas: 3 } }), {
    ...deployment(3, { kind: 'ReplicaSet', uid: 'u1', owner }),
  });
  assert.equal(deploymentAdapter.read({ metadata, spec: {} }).replicas, 1);
  assert.equal(statefulSetAdapter.read({ metadata, spec: { ordinals: { start: 5 } } }).firstOrdinal, 5);
});

test('their template is the pod template', () => {
  for (const adapter of [deploymentAdapter, replicaSetAdapter, statefulSetAdapter]) {
    const object = { spec: { replicas: 3, template: { spec: { nodeName: 'n1' } } } };
    assert.deepEqual(adapter.template(object), { spec: { nodeName: 'n1' } });
  }
});

test('a pod has the restarts of its containers told from those of its sidecars, and those of other init containers left out', () => {
  const pod = (...init: readonly object[]) =>
    readPod({
      metadata: { namespace: 'default', name: 'web-a', uid: 'u1' },
      spec: { containers: [{ name: 'main' }], initContainers: init },
      status: {
        containerStatuses: [
          { name: 'main', restartCount: 1 },
          { name: 'other', restartCount: 2 },
        ],
        initContainerStatuses: [
          { name: 'mesh', restartCount: 3 },
          { name: 'once', restartCount: 4 },
        ],
      },
    });
  const { restarts, sidecarRestarts } = pod({ name: 'once' }, { name: 'mesh', restartPolicy: 'Always' });
  assert.deepEqual([restarts, sidecarRestarts], [2, 3]);
  assert.equal('sidecarRestarts' in pod({ name: 'once' }, { name: 'mesh' }), false);
});

test('a pod is read as evicted by its condition, and as a DaemonSet’s by the annotation of Cluster Autoscaler', () => {
  const pod = (status: string, annotations: object = {}) =>
    readPod({
      metadata: { namespace: 'default', name: 'web-a', uid: 'u1', annotations },
      spec: { containers: [{ name: 'main' }] },
      status: { conditions: [{ type: 'DisruptionTarget', status, reason: 'EvictionByEvictionAPI' }] },
    });
  assert.deepEqual([pod('True').evicted, pod('False').evicted], [true, undefined]);
  const key = 'cluster-autoscaler.kubernetes.io/daemonset-pod';
  assert.deepEqual(
    [{}, { [key]: 'false' }, { [key]: 'true' }].map((annotations) => staysOnFreeNode(pod('True', annotations))),
    [false, false, true],
  );
});

test('a pod has the times when it was created and became ready read, and the weight that keeps it', () => {
  const pod = (status: string, keep: string) =>
    readPod({
      metadata: {
        namespace: 'default',
        name: 'web-a',
        uid: 'u1',
        creationTimestamp: '2026-06-01T09:00:00Z',
        annotations: { [KEEP]: keep },
      },
      spec: { containers: [{ name: 'main' }] },
      status: { conditions: [{ type: 'Ready', status, lastTransitionTime: '2026-06-01T09:05:00Z' }] },
    });
  const { created, readySince } = pod('True', '0');
  assert.deepEqual([created, readySince], [Date.UTC(2026, 5, 1, 9), Date.UTC(2026, 5, 1, 9, 5)]);
  assert.equal(pod('False', '0').readySince, null);
  assert.deepEqual(
    ['7', '-7', '5000', '-5000', '1.5', 'much'].map((text) => pod('True', text).keep),
    [7, -7, 1000, -1000, 0, 0],
  );
});

test('a node has what is allocatable of it read, or else its capacity, and whether it is cordoned', () => {
  const node = (status: object, unschedulable?: boolean) =>
    readNode({ metadata: { name: 'n1' }, spec: { unschedulable }, status });
  const capacity = { cpu: 8 };
  assert.deepEqual(node({ capacity, allocatable: { cpu: 7 } }).allocatable, parseResources({ cpu: 7 }));
  for (const status of [{ capacity }, { capacity, allocatable: {} }])
    assert.deepEqual(node(status).allocatable, parseResources(capacity));
  assert.deepEqual(
    [true, false, undefined].map((unschedulable) => node({}, unschedulable).unschedulable),
    [true, false, false],
  );
});

test('a pod of a flat kind goes alone', () => {
  for (const adapter of [deploymentAdapter, replicaSetAdapter, statefulSetAdapter]) {
    assert.deepEqual(adapter.unitsOf(appsPod(web, 'a')), ['web-a']);
  }
});

describe('the pods of a ReplicaSet', () => {
  const set = replicaSet('web-1', 4);
  const pool = (pods: readonly Pod[], workloads: readonly Workload[] = [set], workload = set) => {
    const [pool] = replicaSetAdapter.scale(scaleTo(workload, 1), fleetOf(pods, workloads), NOW).pools;
    assert.ok(pool !== undefined);
    return pool;
  };

  test('are its active ones, numbered from the oldest, then by name', () => {
    const pods = [
      appsPod(set, 'young', { created: NOW - 1000 }),
      appsPod(set, 'b'),
      appsPod(set, 'a'),
      appsPod(set, 'going', { deleting: true }),
      appsPod(set, 'done', { phase: 'Succeeded' }),
      appsPod(set, 'failed', { phase: 'Failed' }),
      appsPod(web, 'other'),
    ];
    assert.deepEqual(
      pool(pods).candidates.map(({ name, ordinal }) => [name, ordinal]),
      [
        ['web-1-a', 0],
        ['web-1-b', 1],
        ['web-1-young', 2],
      ],
    );
  });

  const sibling = replicaSet('web-0', 2);
  const related = [
    appsPod(set, 'a'),
    appsPod(set, 'b', { node: 'n2' }),
    appsPod(set, 'c', { node: null }),
    appsPod(sibling, 'a', { node: 'n2' }),
    appsPod(sibling, 'b', { node: 'n2', deleting: true }),
  ];

  test('are related to those of every ReplicaSet of the Deployment, on their way out or not assigned left aside', () => {
    const expected = new Map(Object.entries({ n1: 1, n2: 2 }));
    assert.deepEqual(pool(related, [set, sibling]).related, expected);
  });

  test('are related to none without an owner, not even to each other', () => {
    const alone = { ...set, owner: null };
    assert.deepEqual([...pool(related, [alone, sibling], alone).related], []);
  });
});

describe('a Deployment', () => {
  const pods = (set: Workload, count: number, rest: Partial<Pod> = {}) =>
    Array.from({ length: count }, (_, index) => appsPod(set, index, { node: `n${index}`, ...rest }));
  const [current, previous] = [replicaSet('web-2', 3), replicaSet('web-1', 0)];

  test('shows what its only ReplicaSet with pods will delete', () => {
    const fleet = fleetOf([...pods(current, 3), ...pods(previous, 2, { deleting: true })], [web, current, previous]);
    const plan = planOf(scaleTo(web, 1), fleet, 'ordinal');
    assert.deepEqual(
      plan.victims.map(({ candidate }) => candidate.name),
      ['web-2-1', 'web-2-2'],
    );
  });

  test('is not foreseen in the middle of a rollout', () => {
    const fleet = fleetOf([...pods(current, 3), ...pods(previous, 2)], [web, current, previous]);
    const plan = planOf(scaleTo(web, 1), fleet);
    assert.deepEqual([plan.victims, plan.writes], [[], []]);
    assert.deepEqual(plan.warnings, [
      'Deployment/default/web is in the middle of a rollout: 2 ReplicaSets have pods, and how many each loses is decided when they are resized',
    ]);
  });

  test('without pods has nothing to lose', () => {
    assert.deepEqual(planOf(scaleTo(web, 1), fleetOf([], [web, current])).warnings, []);
  });

  test('leaves the choice to the moment when its ReplicaSet is resized', () => {
    assert.equal(
      deploymentAdapter.defers?.(web, { ...web, replicas: 1 }, fleetOf([])),
      'its pods are chosen when the Deployment controller resizes its ReplicaSet',
    );
    const wanting = (desired: string, replicas: number) =>
      replicaSet('web-2', replicas, { annotations: { 'deployment.kubernetes.io/desired-replicas': desired } });
    assert.equal(replicaSetAdapter.defers?.(wanting('3', 3), wanting('1', 1), fleetOf([])), null);
    assert.equal(
      replicaSetAdapter.defers?.(wanting('3', 3), wanting('3', 1), fleetOf([])),
      'a rollout empties it, and the Deployment keeps its count',
    );
    const alone = { ...current, owner: null };
    assert.equal(replicaSetAdapter.defers?.(alone, { ...alone, replicas: 1 }, fleetOf([])), null);
  });
});

describe('a ReplicaSet of a Rollout of Argo', () => {
  const of = (rollout: number, replicas: number, desired: number) => rolledReplicaSet(rollout, replicas, desired, ARGO);
  const defers = (old: Workload, next: Workload, other: Workload) =>
    replicaSetAdapter.defers?.(old, next, fleetOf([], [old, other])) ?? null;

  test('is emptied by a release, which is no scale-down', () => {
    const emptied = 'a rollout empties it, and the Rollout keeps its count';
    assert.equal(defers(of(1, 3, 3), of(1, 2, 3), of(2, 1, 3)), emptied);
    assert.equal(defers(of(1, 3, 3), of(1, 0, 3), of(2, 3, 3)), emptied);
  });

  test('shrinks as any other when the Rollout is scaled, or a canary is cut back', () => {
    assert.equal(defers(of(1, 3, 3), of(1, 2, 2), of(2, 0, 3)), null);
    assert.equal(defers(of(2, 3, 2), of(2, 2, 2), of(1, 0, 2)), null);
  });
});

describe('a StatefulSet', () => {
  const set = deployment(3, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
  const plan = (ordinals: readonly number[], to: number, rest: Partial<Workload> = {}) => {
    const workload = { ...set, replicas: ordinals.length, ...rest };
    const pods = ordinals.map((ordinal) => appsPod(workload, ordinal));
    const { victims, created } = planOf(scaleTo(workload, to), fleetOf(pods, [workload]));
    return { victims: victims.map(({ candidate }) => candidate.name), created };
  };

  test('loses its highest ordinals', () => {
    assert.deepEqual(plan([0, 1, 2, 10, 11], 2, { replicas: 12 }), {
      victims: ['db-11', 'db-10', 'db-2'],
      created: [],
    });
  });

  test('gets its lowest missing ordinals', () => {
    assert.deepEqual(plan([0, 2], 4), { victims: [], created: ['db-1', 'db-3'] });
  });

  test('may start at a higher ordinal', () => {
    assert.deepEqual(plan([5, 6, 7], 1, { firstOrdinal: 5 }), { victims: ['db-7', 'db-6'], created: [] });
    assert.deepEqual(plan([5], 2, { firstOrdinal: 5 }), { victims: [], created: ['db-6'] });
  });

  test('has named those that go at the old count before', () => {
    assert.deepEqual(plan([0, 1, 2, 3, 4], 2, { replicas: 4 }), { victims: ['db-3', 'db-2'], created: [] });
  });
});
