import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import { objectAt, textOf } from '../../src/workloads/core/json.ts';
import { appsPod, fleetOf, marked, nodeOf, ours, podOf, servingGroup, theirs } from '../builders/fleet.ts';
import { bindingReview, PODS, REVIEW_UID, review } from '../builders/review.ts';
import { deployment, serving } from '../builders/workload.ts';
import { answerTo, configOf, patchFor, webhook } from './webhook.ts';

const ALLOWED = answerTo(REVIEW_UID, { allowed: true });
const COST = '/metadata/annotations/controller.kubernetes.io~1pod-deletion-cost';
const OWNER = '/metadata/annotations/packdown.io~1cost-owner';

const llama = serving(2, { decode: 1 });
const pending = servingGroup(llama, 0, () => ({ node: null }));
const [waiting] = pending;
assert.ok(waiting);
/** Node n1 holds two pods already, each with 4 of 64 cpu, 32 of 512Gi and 1 of 8 GPUs; n2 holds none. */
const residents = ['one', 'two'].map((name) => podOf(name));

interface Setting {
  readonly pod?: Pod;
  readonly config?: string;
}

function hookOf({ pod = waiting, config = '' }: Setting = {}) {
  const index = fleetOf([...residents, ...(pod ? [pod] : [])], [llama], [nodeOf('n2')]);
  return webhook({ index, config: configOf(config) });
}

async function answerOf(body: object, setting: Setting = {}): Promise<string> {
  return JSON.stringify(await hookOf(setting).mutate(body));
}

/** The patch of an answer, decoded. */
async function patchOf(body: object, setting: Setting = {}): Promise<unknown> {
  const { patch, patchType } = objectAt(JSON.parse(await answerOf(body, setting)), 'response');
  if (patch === undefined) return null;
  assert.equal(patchType, 'JSONPatch');
  return JSON.parse(Buffer.from(textOf(patch) ?? '', 'base64').toString());
}

const stamp = (cost: string) => [
  { op: 'add', path: COST, value: cost },
  { op: 'add', path: OWNER, value: cost },
];

describe('a binding is stamped', () => {
  it('with the binpack cost of its node, byte for byte', async () => {
    // 100 · (12/64 + 96/512 + 5 · 3/8) / 7 = 32.14
    const patch =
      '[{"op":"add","path":"/metadata/annotations","value":{"controller.kubernetes.io/pod-deletion-cost":"32","packdown.io/cost-owner":"32"}}]';
    assert.equal(await answerOf(bindingReview(waiting, 'n1')), patchFor(REVIEW_UID, patch));
  });

  it('annotation by annotation where it carries some already', async () => {
    assert.deepEqual(await patchOf(bindingReview(waiting, 'n2', { annotations: { team: 'blue' } })), stamp('11'));
    assert.deepEqual(await patchOf(bindingReview(waiting, 'n2', { annotations: {} })), stamp('11'));
  });

  it('in a dry run too, which changes nothing but the answer', async () => {
    assert.equal(
      await answerOf(bindingReview(waiting, 'n1', { dryRun: true })),
      await answerOf(bindingReview(waiting, 'n1')),
    );
  });

  it('with the weights of the configuration', async () => {
    // Only memory counts: 96 of 512Gi.
    const config = 'binpack: {weight: 10, cpu: 0, memory: 2, resources: {}}';
    const [first] = [await patchOf(bindingReview(waiting, 'n1', { annotations: {} }), { config })].flat();
    assert.equal(objectAt(first).value, '188');
  });

  it('anew where the stamp is ours', async () => {
    const pod = { ...waiting, ...ours(5) };
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '5', 'packdown.io/cost-owner': '5' };
    assert.deepEqual(await patchOf(bindingReview(pod, 'n1', { annotations }), { pod }), stamp('32'));
  });

  it('once: a pod that is on the node already is not counted twice', async () => {
    const pod = { ...waiting, node: 'n1' };
    assert.deepEqual(await patchOf(bindingReview(pod, 'n1', { annotations: {} }), { pod }), stamp('32'));
  });

  it('though it names no kind of target, and no uid', async () => {
    const object = { metadata: { name: waiting.name, annotations: {} }, target: { name: 'n1' } };
    assert.deepEqual(await patchOf(bindingReview(waiting, 'n1', { object })), stamp('32'));
  });
});

describe('a binding is let through as it is', () => {
  const cases: readonly [title: string, body: object, setting?: Setting][] = [
    ['when the pod carries a cost of others', bindingReview(waiting, 'n1'), { pod: { ...waiting, ...theirs(7) } }],
    [
      'when the pod is marked to go, which its cost is for',
      bindingReview(waiting, 'n1'),
      { pod: { ...waiting, ...marked(0, 'llama-0') } },
    ],
    [
      'when the Binding carries a cost that the pod does not',
      bindingReview(waiting, 'n1', { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '7' } }),
    ],
    ['when its uid is not the pod’s', bindingReview({ ...waiting, uid: 'uid-of-an-earlier-pod' }, 'n1')],
    ['when the node is not in the fleet', bindingReview(waiting, 'n9')],
    [
      'when its target is no node',
      bindingReview(waiting, 'n1', { object: { metadata: {}, target: { kind: 'Rack', name: 'n1' } } }),
    ],
    ['when it has no target', bindingReview(waiting, 'n1', { object: { metadata: {} } })],
    ['when nobody controls the pod', bindingReview(podOf('one'), 'n2')],
    ['when its namespace is exempt', bindingReview(waiting, 'n1'), { config: 'exemptNamespaces: [default]' }],
    ['when it is an update', bindingReview(waiting, 'n1', { operation: 'UPDATE' })],
    ['when it is the pod’s eviction', bindingReview(waiting, 'n1', { subResource: 'eviction' })],
  ];
  for (const [title, body, setting] of cases) {
    it(title, async () => assert.equal(await answerOf(body, setting), ALLOWED));
  }

  it('when the pod’s controller reads no costs', async () => {
    const db = deployment(1, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
    const pod = appsPod(db, 0, { node: null });
    const { mutate } = webhook({ index: fleetOf([pod], [db], [nodeOf('n1')]) });
    assert.equal(JSON.stringify(await mutate(bindingReview(pod, 'n1'))), ALLOWED);
  });

  it('when the pod’s controller is not the one that the fleet holds under that name', async () => {
    const { mutate } = webhook({ index: fleetOf(pending, [{ ...llama, uid: 'uid-of-a-new-llama' }], [nodeOf('n1')]) });
    assert.equal(JSON.stringify(await mutate(bindingReview(waiting, 'n1'))), ALLOWED);
  });
});

describe('a pod that is created', () => {
  const ownerReferences = [
    {
      apiVersion: 'workload.serving.volcano.sh/v1alpha1',
      kind: llama.kind,
      name: llama.name,
      uid: llama.uid,
      controller: true,
    },
  ];
  const requests = { cpu: '4', memory: '32Gi', 'nvidia.com/gpu': 1 };
  const creation = (nodeName: string | undefined, metadata: object, operation = 'CREATE') =>
    review({
      resource: PODS,
      operation,
      namespace: 'default',
      object: {
        metadata: { generateName: 'llama-', ownerReferences, ...metadata },
        spec: { nodeName, containers: [{ name: 'main', resources: { requests } }] },
      },
    });

  it('on a node is stamped', async () => {
    assert.deepEqual(await patchOf(creation('n1', { annotations: { team: 'blue' } })), stamp('32'));
    assert.deepEqual(await patchOf(creation('n2', {})), [
      {
        op: 'add',
        path: '/metadata/annotations',
        value: { 'controller.kubernetes.io/pod-deletion-cost': '11', 'packdown.io/cost-owner': '11' },
      },
    ]);
  });

  it('on no node yet is let through as it is', async () => {
    assert.equal(await answerOf(creation(undefined, {})), ALLOWED);
    assert.equal(await answerOf(creation('', {})), ALLOWED);
  });

  it('with a cost of its own is let through as it is', async () => {
    const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '7' };
    assert.equal(await answerOf(creation('n1', { annotations })), ALLOWED);
  });

  it('is not stamped when it is updated later', async () => {
    assert.equal(await answerOf(creation('n1', {}, 'UPDATE')), ALLOWED);
  });
});
