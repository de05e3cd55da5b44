import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modelServing } from '../../src/workloads/kthena/model-serving.ts';
import { type OutlookOf, prospectIn } from '../../src/workloads/prospect.ts';
import { appsPod, fleetOf, NOW, podOf, scaleTo, servingGroup } from '../builders/fleet.ts';
import { deployment, serving } from '../builders/workload.ts';

const chat = serving(10, { prefill: 1, decode: 5 });
const group = servingGroup(chat, 0);
const [prefill] = group;
const fleet = fleetOf(group, [chat]);

/** Groups will go down to this many, and each role's replicas to that. */
function floors(groups: number, ofRole: number): OutlookOf {
  return ({ replicas }, role) => (role === undefined ? replicas - groups : role.replicas - ofRole);
}

describe('what a pool will lose in the end', () => {
  const outlook = (to: number, role: string | null, floor: number) => {
    const [pool] = modelServing.scale(scaleTo(chat, to, role), fleet, NOW, options).pools;
    assert.ok(pool !== undefined);
    return prospectIn(fleet, floors(floor, floor)).outlookOf(pool);
  };
  const options = { groupLabel: '' };

  it('counts from what it has before the change, groups or replicas of a role', () => {
    assert.equal(outlook(8, null, 4), 6);
    assert.equal(outlook(4, 'decode', 2), 3);
  });

  it('is no less of a role than the change takes', () => assert.equal(outlook(1, 'decode', 4), 4));
});

describe('what a pod will leave with', () => {
  const leaves = (outlookOf: OutlookOf, pod = prefill, known = fleet) =>
    pod === undefined ? assert.fail() : prospectIn(known, outlookOf).leavesWith(pod);
  const id = 'workload.serving.volcano.sh/ModelServing/default/llama';

  it('is its group where groups will go, and else its replica where those of the role will', () => {
    assert.deepEqual(leaves(floors(4, 0)), { pool: id, unit: `${id} llama-0`, outlook: 6 });
    const inEach = { pool: `${id}/prefill llama-0`, unit: `${id} llama-0/prefill-0`, outlook: 1 };
    assert.deepEqual(leaves(floors(10, 0)), inEach);
  });

  it('is nothing where neither will, where its role is gone from the workload, or where no cost decides', () => {
    assert.equal(leaves(floors(10, 1)), null);
    const without = { ...chat, roles: chat.roles.filter(({ name }) => name !== 'prefill') };
    assert.equal(leaves(floors(10, 0), prefill, fleetOf(group, [without])), null);
    const set = deployment(2, { kind: 'StatefulSet', name: 'db', uid: 'uid-of-db' });
    const pod = appsPod(set, 0);
    assert.equal(leaves(floors(0, 0), pod, fleetOf([pod], [set])), null);
    assert.equal(leaves(floors(0, 0), podOf('alone')), null);
  });
});
