import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listTexts, objectAt } from '../../src/workloads/core/json.ts';
import { fleetOfObjects, objectUpdate } from '../builders/object-reviews.ts';
import { type KubernetesObject, objectOf, podObject } from '../builders/objects.ts';
import { RBG, roleInstance, roleInstanceSet } from '../builders/rbg-objects.ts';
import { webhook } from './webhook.ts';

const STEERING = 'packdown.io/steering';
const POLICY = 'packdown.io/policy';
const ORDERING = 'packdown.io/ordering';
const ROLE_RATIO = 'packdown.io/role-ratio';
type Annotations = Readonly<Record<string, string>>;

/** What goes and which costs are written when this review is answered in a fleet of these objects. */
async function outcome(review: object, ...objects: readonly object[]) {
  const index = fleetOfObjects(...objects);
  const response = objectAt(await webhook({ index }).validate(review), 'response');
  const written = [...index.pods(), ...index.instances()].filter(({ cost }) => cost !== null);
  return { said: listTexts(response, 'warnings'), written: written.map(({ name }) => name) };
}
const NOTHING = { said: [], written: [] };

const groupSet = (annotations: Annotations) => objectOf(RBG, 'RoleBasedGroupSet', 'fleet', { annotations });
const group = (annotations: Annotations, owner?: KubernetesObject) =>
  objectOf(RBG, 'RoleBasedGroup', 'chat', {
    annotations,
    ...(owner && { owner }),
    spec: { roles: [{ name: 'decode', replicas: 2 }] },
  });
const set = (replicas: number, owner?: KubernetesObject, annotations: Annotations = {}) =>
  roleInstanceSet(replicas, { ...(owner && { owner }), annotations });
/** The newest is cc, and bb is the one alone on its node. */
const instances = [...roleInstance('aa', 90, 'n1'), ...roleInstance('bb', 60, 'n2'), ...roleInstance('cc', 30, 'n1')];

describe('what people write on the object that they own', () => {
  it('switches off the steering of what carries out a role of a RoleBasedGroup', async () => {
    const owner = group({ [STEERING]: 'off' });
    const shrunk = objectUpdate(set(3, owner), set(2, owner));
    assert.deepEqual(await outcome(shrunk, owner, set(3, owner), ...instances), NOTHING);
  });

  it('is warned of where nobody can read it', async () => {
    const owner = group({ [STEERING]: 'maybe', [POLICY]: 'ordnal' });
    const { said } = await outcome(objectUpdate(set(3, owner), set(2, owner)), owner, set(3, owner), ...instances);
    assert.deepEqual(
      said.filter((warning) => warning.includes('holds')),
      [
        'packdown.io/steering holds maybe, which is none of off, observe, steer',
        'packdown.io/policy holds ordnal, which is none of consolidate, binpack, ordinal',
      ],
    );
  });

  it('counts from two levels up', async () => {
    const top = groupSet({ [STEERING]: 'observe' });
    const owner = group({}, top);
    const shrunk = objectUpdate(set(3, owner), set(2, owner));
    assert.deepEqual(await outcome(shrunk, top, owner, set(3, owner), ...instances), {
      said: ['packdown: bb would go, which frees n2'],
      written: [],
    });
  });

  it('cannot be talked away by a review that leaves the owner out', async () => {
    const owner = group({ [STEERING]: 'off' });
    const forged = objectUpdate(set(3), set(2));
    assert.deepEqual(await outcome(forged, owner, set(3, owner), ...instances), NOTHING);
  });

  it('does not raise a mode that is lower below', async () => {
    const owner = group({ [STEERING]: 'steer' });
    const off = (replicas: number) => set(replicas, owner, { [STEERING]: 'off' });
    assert.deepEqual(await outcome(objectUpdate(off(3), off(2)), owner, off(3), ...instances), NOTHING);
  });

  it('is not what a new owner of the same name says', async () => {
    const later = group({ [STEERING]: 'off' });
    const { uid, ...metadata } = group({}).metadata;
    const earlier = { ...group({}), metadata: { ...metadata, uid: `earlier-${uid}` } };
    const shrunk = objectUpdate(set(3, earlier), set(2, earlier));
    assert.deepEqual((await outcome(shrunk, later, set(3, earlier), ...instances)).written, ['bb']);
  });

  it('switches off the steering of a ModelServing that runs a LeaderWorkerSet', async () => {
    const owner = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', {
      annotations: { [STEERING]: 'off' },
      spec: { replicas: 2, leaderWorkerTemplate: { size: 1 } },
    });
    const serving = (replicas: number) =>
      objectOf('workload.serving.volcano.sh/v1alpha1', 'ModelServing', 'chat', {
        owner,
        spec: { replicas, template: { roles: [{ name: 'default', replicas: 1, workerReplicas: 0 }] } },
      });
    const pods = [0, 1, 2].map((ordinal) =>
      podObject(`chat-${ordinal}-default-0-0`, {
        owner: serving(3),
        labels: {
          'modelserving.volcano.sh/name': 'chat',
          'modelserving.volcano.sh/group-name': `chat-${ordinal}`,
          'modelserving.volcano.sh/role': 'default',
          'modelserving.volcano.sh/role-id': 'default-0',
          'modelserving.volcano.sh/entry': 'true',
        },
      }),
    );
    assert.deepEqual(await outcome(objectUpdate(serving(3), serving(2)), owner, serving(3), ...pods), NOTHING);
  });

  it('sets the modes of rules and declares a ratio, the nearest first', async () => {
    const owner = groupSet({ [ORDERING]: 'pd-ratio=warn,owned=off', [ROLE_RATIO]: 'prefill:decode=1:2' });
    const pair = (decode: number, annotations: Annotations = {}) =>
      objectOf(RBG, 'RoleBasedGroup', 'chat', {
        owner,
        annotations,
        spec: {
          roles: [
            { name: 'prefill', replicas: 2 },
            { name: 'decode', replicas: decode },
          ],
        },
      });
    const found = async (annotations?: Annotations) => {
      const change = objectUpdate(pair(4, annotations), pair(3, annotations));
      return (await outcome(change, owner, pair(4, annotations))).said.filter((said) =>
        said.includes('declared ratio'),
      );
    };
    assert.equal((await found()).length, 1);
    assert.deepEqual(await found({ [ORDERING]: 'pd-ratio=off' }), []);
    assert.deepEqual(await found({ [ROLE_RATIO]: 'prefill:decode=1:2..1:1' }), []);
  });

  it('names the policy, the nearest first', async () => {
    const owner = group({ [POLICY]: 'ordinal' });
    const shrunk = objectUpdate(set(3, owner), set(2, owner));
    assert.deepEqual((await outcome(shrunk, owner, set(3, owner), ...instances)).written, ['cc']);
    const own = (replicas: number) => set(replicas, owner, { [POLICY]: 'consolidate' });
    assert.deepEqual((await outcome(objectUpdate(own(3), own(2)), owner, own(3), ...instances)).written, ['bb']);
  });
});

describe('a ReplicaSet', () => {
  const web = (annotations: Annotations) =>
    objectOf('apps/v1', 'Deployment', 'web', { annotations, spec: { replicas: 2 } });
  const replicaSet = (replicas: number, annotations: Annotations) =>
    objectOf('apps/v1', 'ReplicaSet', 'web-1', {
      owner: web({}),
      annotations: { ...annotations, 'deployment.kubernetes.io/desired-replicas': `${replicas}` },
      spec: { replicas },
    });
  const pods = [
    podObject('web-1-a', { owner: replicaSet(3, {}), node: 'n1', age: 90 }),
    podObject('web-1-b', { owner: replicaSet(3, {}), node: 'n2', age: 60 }),
    podObject('web-1-c', { owner: replicaSet(3, {}), node: 'n1', age: 30 }),
  ];
  const shrink = (copy: Annotations, ...others: readonly object[]) =>
    outcome(objectUpdate(replicaSet(3, copy), replicaSet(2, copy)), replicaSet(3, copy), ...pods, ...others);

  it('goes by its Deployment, from which nothing was handed down yet', async () => {
    assert.deepEqual(await shrink({}, web({ [STEERING]: 'off' })), NOTHING);
  });

  it('does not go by the copy of what its Deployment no longer says', async () => {
    assert.deepEqual((await shrink({ [STEERING]: 'off' }, web({}))).written, ['web-1-b']);
    assert.deepEqual((await shrink({ [POLICY]: 'ordinal' }, web({}))).written, ['web-1-b']);
  });

  it('is judged by the modes that its Deployment sets, and not by the copy of those that it set before', async () => {
    const scaled = async (copy: string | null, set: string) => {
      const own: Annotations = copy === null ? {} : { [ORDERING]: copy };
      const fleet = [web({ [ORDERING]: set }), replicaSet(2, own), ...pods];
      const review = objectUpdate(replicaSet(2, own), { ...replicaSet(2, own), spec: { replicas: 1 } });
      const response = objectAt(await webhook({ index: fleetOfObjects(...fleet) }).validate(review), 'response');
      return response.allowed;
    };
    assert.equal(await scaled(null, 'owned=off'), true);
    assert.equal(await scaled('owned=enforce', 'owned=off'), true);
    assert.equal(await scaled('owned=off', 'owned=enforce'), false);
  });

  it('goes by its own annotation where nobody knows the Deployment', async () => {
    assert.deepEqual((await shrink({ [STEERING]: 'off' })).written, []);
    assert.deepEqual((await shrink({})).written, ['web-1-b']);
  });
});
