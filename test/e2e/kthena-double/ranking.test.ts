import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Candidate,
  deletionCost,
  groupsToDelete,
  ordinalsToCreate,
  resolvePartition,
  roleReplicasToDelete,
} from './ranking.ts';

/** Candidates from a line such as `5 7! 0x`: costs by ordinal; `!` not ready, `x` being deleted, `-` missing. */
function candidates(line: string): Candidate[] {
  return line.split(' ').flatMap((word, ordinal) => {
    const [, cost, marks = ''] = /^(-?\d+)([!x]*)$/.exec(word) ?? [];
    if (cost === undefined) return [];
    return [{ ordinal, cost: Number(cost), ready: !marks.includes('!'), deleting: marks.includes('x') }];
  });
}

const ordinals = (chosen: Candidate[]) => chosen.map(({ ordinal }) => ordinal);

const groupCases = [
  { name: 'nothing goes when the count is right', groups: '1 2 3', wanted: 3, partition: 0, goes: [] },
  { name: 'nothing goes when there are too few', groups: '1 2', wanted: 3, partition: 0, goes: [] },
  { name: 'the lowest cost goes first', groups: '9 4 7', wanted: 1, partition: 0, goes: [1, 2] },
  { name: 'among equal costs the highest ordinal goes first', groups: '0 0 0', wanted: 1, partition: 0, goes: [2, 1] },
  { name: 'a negative cost goes before none', groups: '0 -1 0', wanted: 2, partition: 0, goes: [1] },
  { name: 'not ready goes before any cost', groups: '9! 1 2', wanted: 2, partition: 0, goes: [0] },
  { name: 'not ready ones are ranked by cost among themselves', groups: '9! 1 2!', wanted: 2, partition: 0, goes: [2] },
  {
    name: 'the partition is protected while others are left',
    groups: '1 2 9 8',
    wanted: 2,
    partition: 2,
    goes: [3, 2],
  },
  { name: 'the partition goes last, by rank', groups: '1 2 9 8', wanted: 1, partition: 2, goes: [3, 2, 0] },
  { name: 'the partition protects a group that is not ready', groups: '1! 2', wanted: 1, partition: 1, goes: [1] },
  { name: 'the partition counts positions, not ordinals', groups: '- - 1 2 3', wanted: 2, partition: 1, goes: [3] },
  { name: 'a group being deleted counts as one that is there', groups: '1x 5 6', wanted: 2, partition: 0, goes: [0] },
  {
    name: 'a group being deleted that is out-ranked costs another',
    groups: '7x 5 6',
    wanted: 2,
    partition: 0,
    goes: [1],
  },
  { name: 'a group being deleted holds its position', groups: '7x 5 6', wanted: 2, partition: 1, goes: [1] },
];

for (const { name, groups, wanted, partition, goes } of groupCases) {
  test(`groups: ${name}`, () => {
    assert.deepEqual(ordinals(groupsToDelete(candidates(groups), wanted, partition)), goes);
  });
}

const roleCases = [
  { name: 'the lowest cost goes first', replicas: '9 4 7', wanted: 2, partition: 0, goes: [1] },
  { name: 'one being deleted is not counted', replicas: '7x 5 6', wanted: 2, partition: 0, goes: [] },
  { name: 'one being deleted is not ranked', replicas: '1x 5 6', wanted: 1, partition: 0, goes: [1] },
  { name: 'one being deleted holds its position', replicas: '1x 2 9', wanted: 1, partition: 1, goes: [1] },
  { name: 'not ready goes before any cost', replicas: '9! 1', wanted: 1, partition: 0, goes: [0] },
];

for (const { name, replicas, wanted, partition, goes } of roleCases) {
  test(`role replicas: ${name}`, () => {
    assert.deepEqual(ordinals(roleReplicasToDelete(candidates(replicas), wanted, partition)), goes);
  });
}

const createCases = [
  { existing: [], wanted: 2, created: [0, 1] },
  { existing: [0, 2], wanted: 3, created: [1] },
  { existing: [2, 3], wanted: 3, created: [0] },
  { existing: [5, 6], wanted: 2, created: [] },
];

for (const { existing, wanted, created } of createCases) {
  test(`a scale-up of [${existing}] to ${wanted} creates [${created}]`, () => {
    assert.deepEqual(ordinalsToCreate(existing, wanted), created);
  });
}

const costs: [string | undefined, number][] = [
  [undefined, 0],
  ['', 0],
  ['57', 57],
  ['-3', -3],
  ['+10', 10],
  ['1.5', 0],
  ['many', 0],
];

for (const [annotation, cost] of costs) {
  test(`the annotation ${JSON.stringify(annotation)} costs ${cost}`, () => {
    assert.equal(deletionCost(annotation), cost);
  });
}

test('a percentage is resolved against the wanted replicas and rounded up', () => {
  assert.deepEqual(
    [undefined, 2, '50%', '34%', '0%'].map((partition) => resolvePartition(partition, 3)),
    [0, 2, 2, 2, 0],
  );
});
