import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import { findWorkload } from '../../src/workloads/scale-expression.ts';
import { configOf } from '../admission/webhook.ts';
import { appsPod, fleetOf } from '../builders/fleet.ts';
import { fleetOfObjects, objectUpdate } from '../builders/object-reviews.ts';
import { nodeObject, objectOf, podObject } from '../builders/objects.ts';
import { roleInstance, roleInstanceSet } from '../builders/rbg-objects.ts';
import { deployment } from '../builders/workload.ts';
import { observed, outcomes } from './observed.ts';

describe('where packdown only observes, of replicas that were made at once', () => {
  const config = configOf('mode: observe\nsteering: {settle: 0ms}');

  it('whichever pod of a ReplicaSet goes is right, and one that is older is wrong', async () => {
    const web = deployment(4, { kind: 'ReplicaSet', name: 'web', uid: 'uid-of-web' });
    const gone = async (...ordinals: readonly number[]) => {
      const alike = [0, 1, 2].map((ordinal) => appsPod(web, ordinal, { node: 'n1' }));
      const hook = observed({ index: fleetOf([...alike, appsPod(web, 3, { node: 'n1', created: 1 })], [web]), config });
      await hook.scale(web, 3);
      for (const ordinal of ordinals) hook.index.deletePod('default', `web-${ordinal}`);
      return outcomes(hook, 'ReplicaSet');
    };
    for (const ordinal of [0, 1, 2]) assert.deepEqual(await gone(ordinal), { right: 1 }, `web-${ordinal}`);
    assert.deepEqual(await gone(3), { wrong: 1 }, 'the oldest');
  });

  it('whichever instance of a RoleInstanceSet goes is right', async () => {
    const names = ['aa', 'bb', 'cc'];
    for (const gone of names) {
      const instances = names.flatMap((name) => roleInstance(name, 20, 'n1', 'r1'));
      const hook = observed({ index: fleetOfObjects(roleInstanceSet(3), ...instances), config });
      await hook.validate(objectUpdate(roleInstanceSet(3), roleInstanceSet(2)));
      hook.index.deleteInstance('llm', gone);
      hook.index.deletePod('llm', `${gone}-0`);
      assert.deepEqual(await outcomes(hook, 'RoleInstanceSet'), { right: 1 }, gone);
    }
  });
});

describe('a scale-down of what no cost steers', () => {
  it('is predicted all the same', async () => {
    const set = deployment(3, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
    const hook = observed({
      index: fleetOf(
        [0, 1, 2].map((ordinal) => appsPod(set, ordinal)),
        [set],
      ),
    });
    await hook.scale(set, 2);
    hook.index.deletePod('default', 'db-2');
    assert.deepEqual(await outcomes(hook, 'StatefulSet'), { right: 1 });
    assert.deepEqual(await hook.seriesOf('packdown_steering_total'), {
      'packdown_steering_total{kind="StatefulSet",outcome="unsteerable"}': 1,
    });
  });
});

it('a scale-down that is carried out level by level is told once, where it was asked for', async () => {
  const labels = { 'leaderworkerset.sigs.k8s.io/name': 'big' };
  const spec = { replicas: 4, leaderWorkerTemplate: { size: 1 } };
  const set = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'big', { spec });
  const leaders = objectOf('apps/v1', 'StatefulSet', 'big', { owner: set, spec: { replicas: 4 } });
  const pods = [0, 1, 2, 3].map((index) => {
    const place = { ...labels, 'leaderworkerset.sigs.k8s.io/group-index': `${index}` };
    return podObject(`big-${index}`, { owner: leaders, labels: place, node: `n${index}` });
  });
  const items = [set, leaders, ...pods, ...['n0', 'n1', 'n2', 'n3'].map(nodeObject)];
  const config = configOf('mode: observe\nsteering: {settle: 0ms}');
  const hook = observed({ index: loadFleet(JSON.stringify({ kind: 'List', items }), 'fleet.json'), config });
  for (const kind of ['LeaderWorkerSet', 'StatefulSet']) {
    const workload = [...hook.index.workloads()].find((candidate) => candidate.kind === kind);
    assert.ok(workload !== undefined);
    await hook.scale(workload, 2);
  }
  for (const name of ['big-3', 'big-2']) hook.index.deletePod('llm', name);
  assert.deepEqual(await outcomes(hook, 'LeaderWorkerSet'), { right: 1 });
  assert.deepEqual(await hook.seriesOf('packdown_nodes_freed_total'), {
    'packdown_nodes_freed_total{mode="actual"}': 2,
    'packdown_nodes_freed_total{mode="counterfactual"}': 2,
  });
  assert.deepEqual(await hook.seriesOf('packdown_steering_total'), {
    'packdown_steering_total{kind="LeaderWorkerSet",outcome="observed"}': 1,
    'packdown_steering_total{kind="StatefulSet",outcome="deferred"}': 1,
  });
});

describe('a scale-down of pods that are equal to their controller', () => {
  const clique = objectOf('grove.io/v1alpha1', 'PodClique', 'router', { spec: { replicas: 4 } });
  const pod = (name: string, fields: object = {}) => podObject(`router-${name}`, { owner: clique, age: 20, ...fields });
  const items = [clique, pod('a'), pod('b'), pod('c'), pod('sick', { ready: false })];
  const scaledTo = async (to: number, ...gone: readonly string[]) => {
    const hook = observed({ index: loadFleet(JSON.stringify({ kind: 'List', items }), 'fleet.json') });
    await hook.scale(findWorkload('PodClique', 'llm', 'router', hook.index), to);
    for (const name of gone) hook.index.deletePod('llm', `router-${name}`);
    return outcomes(hook, 'PodClique');
  };

  it('is right whichever of them goes beside what was certain to', async () => {
    for (const name of ['a', 'b', 'c']) assert.deepEqual(await scaledTo(2, 'sick', name), { right: 1 });
  });
});

it('a scale-down of a ResourceScalingGroup that is only observed is told by the label that is configured', async () => {
  const spec = {
    replicas: 2,
    scalingGroupTask: { sortedGroupList: ['group1', 'group0'] },
    group: { groupID: 'group0', targetResources: [{ name: 'decode', kind: 'StatefulSet' }] },
  };
  const group = objectOf('resourcescalinggroup.com/v1', 'ResourceScalingGroup', 'pair', { spec });
  const sets = [objectOf('apps/v1', 'StatefulSet', 'decode', { spec: { replicas: 1 } })];
  const labels = { 'example.com/copy': '1' };
  sets.push(objectOf('apps/v1', 'StatefulSet', 'decode-1', { owner: group, labels, spec: { replicas: 1 } }));
  const setPods = sets.map((owner) => podObject(`${owner.metadata.name}-0`, { owner }));
  const index = loadFleet(JSON.stringify({ kind: 'List', items: [group, ...sets, ...setPods] }), 'fleet.json');
  const config = configOf(
    'mode: observe\nsteering: {settle: 0ms}\nresourceScalingGroup: {groupLabel: example.com/copy}',
  );
  const hook = observed({ index, config });
  const pair = [...index.workloads()].find(({ name }) => name === 'pair') ?? assert.fail('the group is missing');
  await hook.steering.steer(pair, { ...pair, replicas: 1 });
  index.putWorkload({ ...pair, replicas: 1 });
  index.deletePod('llm', 'decode-1-0');
  assert.deepEqual(await outcomes(hook, 'ResourceScalingGroup'), { right: 1 });
});
