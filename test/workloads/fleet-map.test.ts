import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawSvg } from '../../src/commands/fleet-map-svg.ts';
import { drawText } from '../../src/commands/fleet-map-text.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import { parseResources } from '../../src/domain/resources/resource-list.ts';
import { type FleetMap, fleetMap, type NodeRow } from '../../src/workloads/fleet-map.ts';
import { findWorkload } from '../../src/workloads/scale-expression.ts';
import { appsPod, fleetOf, nodeOf, planOf, podOf, scaleTo } from '../builders/fleet.ts';
import { fleetOfObjects } from '../builders/object-reviews.ts';
import { nodeObject, objectOf, podObject } from '../builders/objects.ts';
import { roleBasedGroup, roleInstance, roleInstanceSet } from '../builders/rbg-objects.ts';
import { deployment } from '../builders/workload.ts';

const web: Workload = deployment(3, { kind: 'ReplicaSet', name: 'web-1', uid: 'uid-of-rs', owner: ownedBy('web') });
const front = deployment(3);
const gpus = (count: number) => ({ requests: parseResources({ 'nvidia.com/gpu': count }) });

function rowOf(row: Partial<NodeRow>): NodeRow {
  return { node: 'n1', hasGpus: true, cells: [], beside: [], freed: false, ...row };
}

function ownedBy(name: string) {
  return { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: `uid-of-${name}` };
}

/** Two pods of `web` on n2, one of 2 GPUs on n10, beside what somebody else has there. */
function mapOf(others = [podOf('lone', { node: 'n2', ...gpus(3) })], to = 2): FleetMap {
  const pods = [
    appsPod(web, 'a', { node: 'n2', ...gpus(1) }),
    appsPod(web, 'b', { node: 'n2', ...gpus(1) }),
    appsPod(web, 'c', { node: 'n10', ...gpus(2) }),
    ...others,
  ];
  const snapshot = fleetOf(pods, [web, front]);
  return fleetMap(planOf(scaleTo(web, to), snapshot), snapshot);
}

test('the map shows the nodes that lose a pod, GPU by GPU, and what goes from them', () => {
  assert.deepEqual(drawText(mapOf(), false), [
    'Nodes, a letter a GPU, upper case what goes (a ReplicaSet/default/web-1):',
    '       before            after',
    '  n10  A A . . . . . .   . . . . . . . .   free',
  ]);
});

test('pods of others keep their place, and stay', () => {
  assert.deepEqual(drawText(mapOf(undefined, 0), false).slice(2), [
    '  n2   b b b A A . . .   b b b . . . . .',
    '  n10  A A . . . . . .   . . . . . . . .   free',
  ]);
});

test('a plan that deletes nothing has no map', () => {
  assert.deepEqual(drawText(mapOf(undefined, 3), false), []);
});

test('finished pods hold nothing, and nodes without GPUs show a place a pod', () => {
  const plain = nodeOf('n10', { allocatable: parseResources({ cpu: 8 }) });
  const done = appsPod(web, 'done', { node: 'n10', phase: 'Succeeded', ...gpus(4) });
  const snapshot = fleetOf([appsPod(web, 'c', { node: 'n10' }), done], [web, front], [plain]);
  const [row] = fleetMap(planOf(scaleTo(web, 0), snapshot), snapshot).rows;
  assert.deepEqual(row?.cells, [{ workload: 0, goes: true }]);
});

test('what a DaemonSet has there is not drawn, and what is being deleted goes', () => {
  const daemon = podOf('agent', {
    node: 'n10',
    controller: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'uid-of-agent' },
    ...gpus(1),
  });
  const others = [daemon, podOf('leaving', { node: 'n10', deleting: true, ...gpus(1) })];
  assert.deepEqual(drawText(mapOf(others), false).slice(2), ['  n10  B A A . . . . .   . . . . . . . .   free']);
});

test('a node that the fleet does not show (yet) has a place a pod', () => {
  const snapshot = fleetOf([appsPod(web, 'a', { node: 'n1' })], [web, front]);
  snapshot.deleteNode('n1');
  const { rows } = fleetMap(planOf(scaleTo(web, 0), snapshot), snapshot);
  assert.deepEqual(rows, [rowOf({ hasGpus: false, cells: [{ workload: 0, goes: true }] })]);
});

test('pods of a Deployment that is not scaled itself go by its name', () => {
  const other = deployment(1, { kind: 'ReplicaSet', name: 'api-7', uid: 'uid-of-api-7', owner: ownedBy('api') });
  const pods = [appsPod(web, 'a', { node: 'n1' }), appsPod(other, 'x', { node: 'n1' })];
  const { workloads } = fleetMap(planOf(scaleTo(web, 0), fleetOf(pods, [web, other])), fleetOf(pods, [web, other]));
  assert.deepEqual(workloads, ['ReplicaSet/default/web-1', 'Deployment/default/api']);
});

test('workers of a leader, and pods of instances, are of the workload that is scaled', () => {
  const lws = objectOf('leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', 'chat', { spec: { replicas: 1 } });
  const leaders = objectOf('apps/v1', 'StatefulSet', 'chat', { owner: lws });
  const labels = { 'leaderworkerset.sigs.k8s.io/name': 'chat', 'leaderworkerset.sigs.k8s.io/group-index': '0' };
  const leader = podObject('chat-0', { owner: leaders, labels });
  const workers = objectOf('apps/v1', 'StatefulSet', 'chat-0', { owner: leader });
  const worker = podObject('chat-0-1', { owner: workers, labels });
  const group = roleBasedGroup(1, 1);
  const others = [group, roleInstanceSet(1, { owner: group }), ...roleInstance('other', 5, 'n1')];
  const snapshot = fleetOfObjects(nodeObject('n1'), lws, leaders, leader, workers, worker, ...others);
  const scaled = findWorkload('LeaderWorkerSet', 'llm', 'chat', snapshot);
  assert.deepEqual(drawText(fleetMap(planOf(scaleTo(scaled, 0), snapshot), snapshot), false), [
    'Nodes, a letter a GPU, upper case what goes (a LeaderWorkerSet/llm/chat, b RoleBasedGroup/llm/chat):',
    '      before            after',
    '  n1  b A A . . . . .   b . . . . . . .',
  ]);
});

test('what says that it has more GPUs than any machine is drawn pod by pod, and no pod takes more than that', () => {
  const cells = (nodeGpus: string, podGpus: string) => {
    const requests = parseResources({ 'nvidia.com/gpu': podGpus });
    const node = { ...nodeOf('n1'), allocatable: parseResources({ 'nvidia.com/gpu': nodeGpus }) };
    const snapshot = fleetOf([appsPod(web, 'a', { node: 'n1', requests })], [web], [node]);
    return fleetMap(planOf(scaleTo(web, 0), snapshot), snapshot).rows.map((row) => row.cells.length);
  };
  assert.deepEqual(cells('128', '1'), [128]);
  assert.deepEqual(cells('129', '1'), [1]);
  assert.deepEqual(cells('1e30', '1'), [1]);
  assert.deepEqual(cells('8', '1e30'), [128]);
});

test('names that would move the cursor are written out', () => {
  const control = String.fromCharCode(27);
  const map = { workloads: [`a${control}[2J`], rows: [rowOf({ node: `n${control}c` })] };
  for (const drawn of [drawText(map, false).join(), drawSvg(map)]) {
    assert.ok(!drawn.includes(control));
    assert.ok(drawn.includes('a\\u001b[2J') && drawn.includes('n\\u001bc'));
  }
});

test('colours are there only for who can see them', () => {
  const escapeCode = String.fromCharCode(27);
  assert.ok(!drawText(mapOf(), false).join('').includes(escapeCode));
  assert.ok(drawText(mapOf(), true).join('').includes(`${escapeCode}[31mA`));
});

test('a large plan shows so many nodes as fit, and says how many more there are', () => {
  const rows = Array.from({ length: 45 }, (_, index) => rowOf({ node: `n${index}`, freed: index > 40 }));
  const lines = drawText({ workloads: [], rows }, false);
  assert.equal(lines.length, 43);
  assert.equal(lines.at(-1), '  … and 5 more nodes');
  const shown = lines.slice(-6, -1).map((line) => line.trim().split(/ +/).join(' '));
  assert.deepEqual(shown, ['n35', 'n41 free', 'n42 free', 'n43 free', 'n44 free'], 'those that become free are there');
});

test('pods without GPUs that go, or keep a node busy, stand beside its GPUs', () => {
  const snapshot = fleetOf(
    [
      appsPod(web, 'a', { node: 'n1', ...gpus(2) }),
      appsPod(web, 'b', { node: 'n2', ...gpus(0) }),
      appsPod(web, 'c', { node: 'n1', ...gpus(0) }),
      podOf('lone', { node: 'n1', ...gpus(0) }),
    ],
    [web, front],
  );
  assert.deepEqual(drawText(fleetMap(planOf(scaleTo(web, 0), snapshot), snapshot), false), [
    'Nodes, a letter a GPU, after | a pod without GPUs, upper case what goes (a ReplicaSet/default/web-1, b Pod/default/lone):',
    '      before                  after',
    '  n1  A A . . . . . . | b A   . . . . . . . . | b',
    '  n2  . . . . . . . . | A     . . . . . . . .       free',
  ]);
});

test('the line above the nodes says what a letter is', () => {
  const [gpus, pods] = [rowOf({}), rowOf({ hasGpus: false })];
  const heading = (...rows: NodeRow[]) => drawText({ workloads: ['w'], rows }, false)[0];
  assert.equal(heading(pods), 'Nodes, a letter a pod, upper case what goes (a w):');
  assert.equal(heading(gpus, pods), 'Nodes, a letter a GPU, or a pod where there is none, upper case what goes (a w):');
});

test('nodes of many pods are drawn without spaces', () => {
  const stays = { workload: 0, goes: false };
  const cells = [...Array.from({ length: 16 }, () => stays), { workload: 0, goes: true }];
  const lines = drawText({ workloads: ['w'], rows: [rowOf({ cells }), rowOf({ node: 'n2', cells: [stays] })] }, false);
  assert.deepEqual(lines.slice(1), [
    '      before              after',
    '  n1  aaaaaaaaaaaaaaaaA   aaaaaaaaaaaaaaaa.',
    '  n2  a                   a',
  ]);
});

test('workloads beyond the alphabet share its last letter, and those beyond the colours the last colour', () => {
  const workloads = Array.from({ length: 30 }, (_, index) => `w${index}`);
  const cells = workloads.map((_, workload) => ({ workload, goes: false }));
  const map = { workloads, rows: [rowOf({ cells })] };
  const [heading, , row] = drawText(map, false);
  assert.match(heading ?? '', /x w23, y w24, z 5 others\)/);
  assert.match(row ?? '', /^ {2}n1 {2}abcdefghijklmnopqrstuvwxyzzzzz /);
  assert.ok(drawSvg(map).includes('>24 others<'));
});

test('the picture holds every node before and after, and names that would break it are escaped', () => {
  const svg = drawSvg({
    workloads: ['Deployment/ns/a&b'],
    rows: [rowOf({ node: '<n>', cells: [{ workload: 0, goes: true }, null], freed: true })],
  });
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.ok(svg.includes('&lt;n&gt;') && svg.includes('Deployment/ns/a&amp;b'));
  assert.equal(svg.match(/url\(#goes\)/g)?.length, 1);
  assert.equal(svg.match(/fill="#d7f5df"/g)?.length, 2);
});
