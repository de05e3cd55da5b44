import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drainingNodes } from '../../src/workloads/draining.ts';
import { pendingVictims } from '../../src/workloads/pending-victims.ts';
import { appsPod, fleetOf, marked, planOf, podOf, scaleTo, servingGroup } from '../builders/fleet.ts';
import { fleetOfObjects } from '../builders/object-reviews.ts';
import { objectOf, podObject } from '../builders/objects.ts';
import { deployment, serving } from '../builders/workload.ts';

/** A ModelServing and a StatefulSet of one name: the second group and the second pod have one name as well. */
const llama = serving(2, { decode: 1 });
const llamaSet = deployment(2, { kind: 'StatefulSet', name: 'llama', uid: 'uid-of-the-set' });
const group = (rest = {}) => servingGroup(llama, 1, () => ({ node: 'n1', ...rest }));
const namesake = appsPod(llamaSet, '1', { node: 'n1' });

describe('a pod that a scale-down takes', () => {
  it('is no pod of another kind with the name of a marked group', () => {
    const pods = [...group(marked(0, 'llama-1')), namesake];
    const fleet = fleetOf(pods, [llama, llamaSet]);
    assert.deepEqual(pods.filter(pendingVictims(fleet)), group(marked(0, 'llama-1')));
    assert.deepEqual([...drainingNodes(fleet)], []);
    assert.deepEqual([...drainingNodes(fleetOf(group(marked(0, 'llama-1')), [llama]))], ['n1']);
  });

  it('keeps its node among those that are being emptied until it is on its way out too', () => {
    const fleet = fleetOf(group(marked(0, 'llama-1')), [llama]);
    fleet.putPod(podOf('going', { deleting: true }));
    assert.deepEqual([...drainingNodes(fleet)], ['n1']);
    fleet.deletePod('default', 'llama-1-decode-0-0');
    assert.deepEqual([...drainingNodes(fleet)], []);
  });

  it('is no pod of another kind with the name of a group that is decided on', () => {
    const pods = [...group(), namesake];
    const fleet = fleetOf([...servingGroup(llama, 0, () => ({ node: 'n0' })), ...pods], [llama, llamaSet]);
    const { victims } = planOf(scaleTo(llama, 1), fleet, 'ordinal');
    assert.deepEqual(pods.filter(pendingVictims(fleet, victims)), group());
  });

  it('is every pod of a marked RoleInstance, and none of a group with its name', () => {
    const set = objectOf('workloads.x-k8s.io/v1alpha2', 'RoleInstanceSet', 'chat', {});
    const instance = objectOf('workloads.x-k8s.io/v1alpha2', 'RoleInstance', 'llama-1', { owner: set });
    const labels = { 'rbg.workloads.x-k8s.io/role-instance-name': 'llama-1' };
    const own = ['a', 'b'].map((name) => podObject(`llama-1-${name}`, { owner: instance, labels }));
    const fleet = fleetOfObjects(set, instance, ...own);
    for (const known of [...fleet.instances()]) fleet.putInstance({ ...known, ...marked(-1000, 'llama-1') });
    for (const pod of group()) fleet.putPod({ ...pod, namespace: 'llm' });
    const pending = [...fleet.pods()].filter(pendingVictims(fleet));
    assert.deepEqual(pending.map(({ name }) => name).sort(), ['llama-1-a', 'llama-1-b']);
  });

  it('is told by the marks of its own workload, however many others are shrinking', (t) => {
    const sets = Array.from({ length: 100 }, (_, n) =>
      deployment(2, { kind: 'ReplicaSet', name: `web-${n}`, uid: `uid-${n}` }),
    );
    const pods = sets.flatMap((set) => [
      appsPod(set, 'a', { node: 'n1', ...marked(0, `${set.name}-a`) }),
      appsPod(set, 'b', { node: 'n1' }),
    ]);
    const fleet = fleetOf(pods, sets);
    let read = 0;
    const all = [...fleet.markedPods()];
    t.mock.method(fleet, 'markedPods', function* () {
      for (const pod of all) {
        read += 1;
        yield pod;
      }
    });
    assert.deepEqual(
      pods
        .slice(0, 4)
        .filter(pendingVictims(fleet))
        .map(({ name }) => name),
      ['web-0-a', 'web-1-a'],
    );
    assert.equal(read, 1);
    fleet.putPod({ ...appsPod(llamaSet, 'x'), ...marked(0, 'llama-x') });
    fleet.deletePod('default', 'web-0-a');
    assert.equal(fleet.markedPodsOf('uid-0').length, 0);
    assert.equal(fleet.markedPodsOf('uid-1').length, 1);
    assert.equal(fleet.markedPodsOf('uid-of-the-set').length, 1);
  });
});
