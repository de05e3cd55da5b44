import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../src/domain/fleet/pod.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { parseResources } from '../../src/domain/resources/resource-list.ts';
import { gatherFacts } from '../../src/workloads/facts.ts';
import { fleetOf, NOW, nodeOf, podOf, servingGroup } from '../builders/fleet.ts';
import { type RoleCounts, serving } from '../builders/workload.ts';

const GPU = 'nvidia.com/gpu';
const gang = { prefill: { replicas: 1, gangMinimum: 1 }, decode: { replicas: 2, gangMinimum: 2, workers: 1 } };
/** More than there is ever room for. */
const MANY = 100;
const nodes = (count: number) => Array.from({ length: count }, (_, index) => nodeOf(`n${index + 1}`));

/** Room for more of a workload whose only group is on n1, beside others' pods. */
function room(roles: RoleCounts, free: number, others: readonly Pod[] = [], group: Partial<Pod> = {}): number | null {
  const chat = serving(1, roles);
  const fleet = fleetOf([...servingGroup(chat, 0, () => group), ...others], [chat], nodes(free));
  return roomFor({ ...chat, replicas: MANY }, fleet);
}

function roomFor(next: Workload, fleet: ReturnType<typeof fleetOf>): number | null {
  return gatherFacts({ ...next, replicas: 1 }, next, null, fleet, NOW).facts.room;
}

test('a gang of 5 GPUs fits once more into the 3 left on its node and 8 on another', () => {
  assert.equal(room(gang, 1), 0);
  assert.equal(room(gang, 2), 2);
});

test('a group of which a pod is gone needs no less room', () => {
  const chat = serving(2, gang);
  const pods = [0, 1].flatMap((group) => servingGroup(chat, group));
  // The worker of the first decode replica, or of the last.
  for (const gone of [2, 9]) {
    const left = pods.filter((_, index) => index !== gone);
    const fleet = fleetOf(left, [chat], nodes(2));
    assert.equal(gatherFacts(chat, { ...chat, replicas: MANY }, null, fleet, NOW).facts.room, 1);
  }
});

test('there is no more room than is asked for', () => {
  const chat = serving(1, gang);
  const fleet = fleetOf(servingGroup(chat, 0), [chat], nodes(9));
  assert.equal(roomFor({ ...chat, replicas: 3 }, fleet), 2);
  assert.equal(roomFor({ ...chat, replicas: 1.5 }, fleet), 1);
  assert.equal(roomFor({ ...chat, replicas: 1e300 }, fleet), 13);
});

test('roles above their minimum need no room for the rest', () => {
  assert.equal(room({ ...gang, decode: { ...gang.decode, replicas: 20 } }, 2), 1);
  assert.equal(room({ prefill: { gangMinimum: 1 }, decode: { replicas: 7, gangMinimum: 1 } }, 1), 0);
  assert.equal(room({ prefill: { gangMinimum: 1 }, decode: { replicas: 6, gangMinimum: 1 } }, 2), 4);
});

test('roles without a minimum are needed whole', () => {
  assert.equal(room({ prefill: { gangMinimum: 1 }, decode: 2 }, 2), 4);
});

test('a pod that no node can hold leaves no room, whatever is free in all', () => {
  const taken = ['n1', 'n2', 'n3'].map((node) =>
    podOf(`other-on-${node}`, { node, requests: parseResources({ [GPU]: 4 }) }),
  );
  const large = { requests: parseResources({ [GPU]: 3 }) };
  assert.equal(room({ decode: { gangMinimum: 1 } }, 3, taken, large), 2);
  assert.equal(room({ decode: { gangMinimum: 1 } }, 3, taken, { requests: parseResources({ [GPU]: 4 }) }), 2);
  const single = ['n1', 'n2', 'n3'].map((node) =>
    podOf(`other-on-${node}`, { node, requests: parseResources({ [GPU]: 6 }) }),
  );
  assert.equal(room({ decode: { gangMinimum: 1 } }, 3, single, large), 0);
});

test('pods that fit one kind at a time fit less often together', () => {
  const half = { requests: parseResources({ [GPU]: 4 }) };
  assert.equal(room({ prefill: { gangMinimum: 1 }, decode: { gangMinimum: 1 } }, 2, [], half), 1);
});

test('a node that is closed, or holds more than it should, has no room', () => {
  const chat = serving(1, { decode: { gangMinimum: 1 } });
  const over = podOf('over', { node: 'n2', requests: parseResources({ [GPU]: 20 }) });
  const closed = nodeOf('n3', { unschedulable: true });
  const fleet = fleetOf([...servingGroup(chat, 0), over], [chat], [nodeOf('n1'), nodeOf('n2'), closed]);
  assert.equal(roomFor({ ...chat, replicas: MANY }, fleet), 7);
});

test('a resource that is requested at none needs no room', () => {
  const none = { requests: parseResources({ [GPU]: 1, 'example.com/nic': 0 }) };
  assert.equal(room({ decode: { gangMinimum: 1 } }, 1, [], none), 7);
});

test('groups that start whole without a minimum are needed whole', () => {
  const chat = { ...serving(1, { prefill: 1, decode: { replicas: 2, workers: 1 } }), startsWhole: true };
  const fleet = fleetOf(servingGroup(chat, 0), [chat], nodes(2));
  assert.equal(roomFor({ ...chat, replicas: MANY }, fleet), 2);
});

test('a workload that is no gang needs no room', () => {
  assert.equal(room({ prefill: 1, decode: 2 }, 1), null);
});

test('a scale-down needs no room', () => {
  const chat = serving(2, gang);
  const fleet = fleetOf(servingGroup(chat, 0), [chat]);
  assert.equal(gatherFacts(chat, { ...chat, replicas: 1 }, null, fleet, NOW).facts.room, null);
});

test('without a pod of every role nobody knows what it needs', () => {
  const chat = serving(1, gang);
  const pods = servingGroup(chat, 0).filter(({ name }) => !name.includes('prefill'));
  assert.equal(roomFor({ ...chat, replicas: 2 }, fleetOf(pods, [chat])), null);
});

test('a count of replicas that is none leaves nobody any wiser', () => {
  assert.equal(room({ prefill: { gangMinimum: 1 }, decode: { replicas: 1, gangMinimum: 2.5 } }, 1), null);
  assert.equal(room({ prefill: { gangMinimum: 1 }, decode: { replicas: 1, gangMinimum: -1 } }, 1), null);
});

test('a gang of two billion is no more work than one of two', () => {
  assert.equal(room({ decode: { replicas: 1, gangMinimum: 2_000_000_000 } }, 5), 0);
});

test('a flat workload with a minimum is a gang of its replicas', () => {
  const chat = serving(1, { decode: 1 }, { gangMinimum: 1 });
  const fleet = fleetOf(servingGroup(chat, 0), [chat]);
  assert.equal(roomFor({ ...chat, replicas: MANY }, fleet), 7);
});
