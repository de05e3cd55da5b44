import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appsPod, fleetOf, nodeOf, ours, podOf, servingGroup, servingPod } from '../builders/fleet.ts';
import { captured } from '../builders/review.ts';
import { deployment, serving } from '../builders/workload.ts';
import { answerTo, patchFor, webhook } from './webhook.ts';

/** The workloads of the cluster on which the reviews were recorded, with what its controllers had made of them. */
const kthena = (name: string, uid: string, replicas: number) =>
  serving(replicas, { prefill: 2, decode: 1 }, { namespace: 'k', name, uid });
const groups = (of: ReturnType<typeof serving>, count: number) =>
  Array.from({ length: count }, (_, group) => servingGroup(of, group, () => ours(21))).flat();
const apps = (kind: string, name: string, uid: string, replicas: number) =>
  deployment(replicas, { kind, namespace: 'd', name, uid });

const a = (replicas: number) => kthena('a', 'f0b8d11c-ebbb-4488-8c3b-3533174cb261', replicas);
const h = (replicas: number) => kthena('h', 'd458b3d4-67a9-4e81-a267-b8c0cb69e84f', replicas);
const web = (replicas: number) => apps('Deployment', 'web', '72dbc5f4-c8b3-4af0-acdc-b74efb7b0556', replicas);
const db = apps('StatefulSet', 'db', 'a116ed10-6f3e-4f89-91cc-c6e3fb37c03d', 3);
const webSet = {
  ...apps('ReplicaSet', 'web-69f8d49ffb', '2e8b40d7-13a1-4ab0-b726-ceb282fd9d56', 4),
  owner: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: '72dbc5f4-c8b3-4af0-acdc-b74efb7b0556' },
};
const dbPods = [0, 1, 2].map((ordinal) => appsPod(db, ordinal));
const webPods = [0, 1, 2, 3].map((created) => appsPod(webSet, `p${created}`, { created, ...ours(21) }));

const says = (victims: string, freed?: string) => ({
  allowed: true,
  auditAnnotations: { victims, ...(freed && { 'nodes-freed': freed }) },
  warnings: [
    `packdown: ${victims.replaceAll(',', ', ')} will go${freed === undefined ? '' : `, which frees ${freed}`}`,
  ],
});
const deferred = {
  allowed: true,
  auditAnnotations: { steering: 'its pods are chosen when the Deployment controller resizes its ReplicaSet' },
};

describe('a review as kube-apiserver sent it is answered', () => {
  const cases: readonly [name: string, index: ReturnType<typeof fleetOf>, response: object][] = [
    ['ms-scale-down', fleetOf(groups(a(4), 4), [a(4)]), says('a-3')],
    ['ms-scale-up', fleetOf(groups(a(3), 3), [a(3)]), { allowed: true }],
    ['ms-scale-to-zero', fleetOf(groups(h(2), 2), [h(2)]), says('h-1,h-0', 'n1')],
    ['ms-update-apply-replicas', fleetOf(groups(h(3), 3), [h(3)]), says('h-2')],
    ['ms-update-ssa-role', fleetOf(groups(h(2), 2), [h(2)]), says('h-0/prefill-1,h-1/prefill-1')],
    ['ms-delete', fleetOf([]), { allowed: true }],
    ['deploy-scale-down', fleetOf([], [web(4)]), deferred],
    ['deploy-scale-hpa-put', fleetOf([], [web(3)]), deferred],
    ['deploy-scale-to-zero', fleetOf([], [web(3)]), deferred],
    ['deploy-scale-from-zero-dryrun', fleetOf([], [web(0)]), { allowed: true }],
    ['deploy-update-patch', fleetOf([], [web(4)]), deferred],
    ['rs-update-by-deployment-controller', fleetOf(webPods, [web(3), webSet]), says('web-69f8d49ffb-p3')],
    ['sts-scale-down', fleetOf(dbPods, [db]), says('db-2,db-1')],
    ['sts-scale-to-zero', fleetOf(dbPods.slice(0, 1), [{ ...db, replicas: 1 }]), says('db-0', 'n1')],
    [
      'pod-delete-statefulset',
      fleetOf([]),
      { allowed: true, warnings: ['packdown does not know pods; allowed without a look'] },
    ],
  ];
  for (const [name, index, response] of cases) {
    it(`by /validate: ${name}`, async () => {
      const body = captured(name);
      const hook = webhook({ index });
      assert.equal(JSON.stringify(await hook.validate(body)), answerTo(body.request.uid, response));
      assert.deepEqual(hook.unjudged, []);
    });
  }

  it('by /mutate: binding-default-scheduler', async () => {
    const place = { group: 0, role: 'prefill', replica: 0, worker: 0 };
    const pod = servingPod(a(4), place, { uid: '1100ff94-e6f7-4a1b-918b-f189266c0a45', node: null });
    const { mutate } = webhook({ index: fleetOf([pod], [a(4)], [nodeOf('n0')]) });
    const body = captured('binding-default-scheduler');
    const patch =
      '[{"op":"add","path":"/metadata/annotations","value":{"controller.kubernetes.io/pod-deletion-cost":"11","packdown.io/cost-owner":"11"}}]';
    assert.equal(JSON.stringify(await mutate(body)), patchFor(body.request.uid, patch));
  });

  it('by /mutate: binding-volcano, of a pod that no controller owns, as it is', async () => {
    const pod = podOf('p1', { namespace: 'v', uid: '20d3b5a1-439c-4802-95fc-701f2d78aa92', node: null });
    const { mutate } = webhook({ index: fleetOf([pod], [], [nodeOf('n1')]) });
    const body = captured('binding-volcano');
    assert.equal(JSON.stringify(await mutate(body)), answerTo(body.request.uid, { allowed: true }));
  });

  it('by /mutate: binding-volcano, of a ReplicaSet’s pod, annotation by annotation', async () => {
    const set = deployment(1, { kind: 'ReplicaSet', namespace: 'v', name: 'p1', uid: 'uid-of-p1' });
    const pod = { ...appsPod(set, 0, { uid: '20d3b5a1-439c-4802-95fc-701f2d78aa92', node: null }), name: 'p1' };
    const { mutate } = webhook({ index: fleetOf([pod], [set], [nodeOf('n1')]) });
    const body = captured('binding-volcano');
    const patch =
      '[{"op":"add","path":"/metadata/annotations/controller.kubernetes.io~1pod-deletion-cost","value":"11"},' +
      '{"op":"add","path":"/metadata/annotations/packdown.io~1cost-owner","value":"11"}]';
    assert.equal(JSON.stringify(await mutate(body)), patchFor(body.request.uid, patch));
  });
});
