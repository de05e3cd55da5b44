import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLOOR } from '../../src/domain/fleet/annotations.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { floorOfWorkload, type SeenLow } from '../../src/workloads/floors.ts';
import { fleetOf } from '../builders/fleet.ts';
import { deployment, partition, serving } from '../builders/workload.ts';

const web = deployment(10);
const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: web.uid };
const replicaSet = deployment(10, { kind: 'ReplicaSet', name: 'web-1', uid: 'uid-of-web-1', owner });

interface Case {
  readonly workload: Workload;
  readonly others?: readonly Workload[];
  readonly minReplicas?: number;
  readonly scalesDown?: boolean;
  readonly seenLow?: SeenLow;
  readonly floor: number;
  readonly source: string;
}

const cases: Readonly<Record<string, Case>> = {
  'nothing known: a fifth less': { workload: web, floor: 8, source: 'guess' },
  'its annotation': {
    workload: deployment(10, { annotations: { [FLOOR]: '3' } }),
    minReplicas: 5,
    floor: 3,
    source: 'annotation',
  },
  'an annotation that is no count says nothing': {
    workload: deployment(10, { annotations: { [FLOOR]: 'few' } }),
    floor: 8,
    source: 'guess',
  },
  'the minimum of its autoscaler, as KEDA makes one too': {
    workload: web,
    minReplicas: 5,
    floor: 5,
    source: 'autoscaler',
  },
  'the count of now, where its autoscaler only grows it': {
    workload: web,
    minReplicas: 5,
    scalesDown: false,
    floor: 10,
    source: 'autoscaler',
  },
  'the minimum above the count of now, where its autoscaler only grows it': {
    workload: web,
    minReplicas: 15,
    scalesDown: false,
    floor: 15,
    source: 'autoscaler',
  },
  'of a ReplicaSet, what its Deployment is scaled within': {
    workload: replicaSet,
    others: [web],
    minReplicas: 5,
    floor: 5,
    source: 'autoscaler',
  },
  'of a ReplicaSet, what its Deployment says': {
    workload: replicaSet,
    others: [{ ...web, annotations: { [FLOOR]: '2' } }],
    floor: 2,
    source: 'annotation',
  },
  'of a ReplicaSet, not the copy of what its Deployment no longer says': {
    workload: { ...replicaSet, annotations: { [FLOOR]: '2' } },
    others: [web],
    floor: 8,
    source: 'guess',
  },
  'not what a new Deployment of the same name says': {
    workload: replicaSet,
    others: [{ ...web, uid: 'another', annotations: { [FLOOR]: '2' } }],
    floor: 8,
    source: 'guess',
  },
  'what its partition protects': {
    workload: serving(10, {}, { partition: partition(4) }),
    floor: 4,
    source: 'rules',
  },
  'a percentage protects no count': {
    workload: serving(10, {}, { partition: partition('40%') }),
    floor: 8,
    source: 'guess',
  },
  'what its gang needs': {
    workload: serving(10, {}, { gangMinimum: 6, partition: partition(4) }),
    floor: 6,
    source: 'rules',
  },
  'the lowest count seen': { workload: web, minReplicas: 2, seenLow: () => 7, floor: 7, source: 'seen' },
};

for (const [title, { workload, others = [], minReplicas, scalesDown = true, ...rest }] of Object.entries(cases)) {
  const { seenLow = () => null, floor, source } = rest;
  test(`a floor is known by ${title}`, () => {
    const fleet = fleetOf([], [workload, ...others]);
    const { group, namespace } = web;
    const target = { group, namespace, kind: 'Deployment', name: 'web' };
    if (minReplicas !== undefined)
      fleet.putAutoscaler({
        kind: 'HorizontalPodAutoscaler',
        namespace,
        name: 'web',
        ranges: [{ target, minReplicas, maxReplicas: 100, scalesDown }],
      });
    assert.deepEqual(floorOfWorkload(workload, fleet, seenLow), { floor, source });
  });
}

test('a floor of a ReplicaSet is known by the autoscaler of its owner, though packdown does not know such owners', () => {
  const owner = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'web', uid: 'uid-of-rollout' };
  const rolled = { ...replicaSet, owner };
  const fleet = fleetOf([], [rolled]);
  const target = { group: 'argoproj.io', kind: 'Rollout', namespace: 'default', name: 'web' };
  const range = { target, minReplicas: 2, maxReplicas: 20, scalesDown: true };
  fleet.putAutoscaler({ kind: 'HorizontalPodAutoscaler', namespace: 'default', name: 'web', ranges: [range] });
  assert.deepEqual(
    floorOfWorkload(rolled, fleet, () => null),
    { floor: 2, source: 'autoscaler' },
  );
});
