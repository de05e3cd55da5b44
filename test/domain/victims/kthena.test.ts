import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kthenaGroups, kthenaRoles } from '../../../src/domain/victims/kthena.ts';
import { type Candidate, type Consumer, writtenCosts } from '../../../src/domain/victims/pool.ts';
import { podOf, theirs } from '../../builders/fleet.ts';
import { candidate, candidates, poolOf } from '../../builders/pool.ts';

interface OrderCase {
  readonly name: string;
  readonly members: string;
  readonly partition?: number;
  /** Ordinals, first deleted first. */
  readonly goes: readonly number[];
}

const ordinals = (list: readonly Candidate[]) => list.map(({ ordinal }) => ordinal);

const BOTH: readonly OrderCase[] = [
  { name: 'the lower sum goes first', members: '9 4 7', goes: [1, 2, 0] },
  { name: 'all pods count in the sum', members: '9+9 16+1 0+20', goes: [1, 0, 2] },
  { name: 'a pod without a cost counts 0', members: '1 _ 2', goes: [1, 0, 2] },
  { name: 'a negative sum goes before none', members: '_ -1 0', goes: [1, 2, 0] },
  { name: 'the higher ordinal goes first when sums are equal', members: '5 2+3 4+1', goes: [2, 1, 0] },
  { name: 'ordinals compare as numbers', members: '- - - - - - - - - 1 1', goes: [10, 9] },
  { name: 'what is not ready goes before any cost', members: '9! 1 2', goes: [0, 1, 2] },
  { name: 'what is not ready goes by cost among itself', members: '9! 1 2!', goes: [2, 0, 1] },
  { name: 'the partition goes last', members: '1 2 9 8', partition: 2, goes: [3, 2, 0, 1] },
  { name: 'the partition counts positions, not ordinals', members: '- - 1 2 3', partition: 1, goes: [3, 4, 2] },
  { name: 'the partition protects what is not ready', members: '1! 2 3', partition: 1, goes: [1, 2, 0] },
  { name: 'the partition goes by readiness and cost', members: '9 5! 3', partition: 9, goes: [1, 2, 0] },
];

const LEVELS: readonly (readonly [string, Consumer, readonly OrderCase[]])[] = [
  [
    'groups',
    kthenaGroups,
    [
      { name: 'one on its way out keeps ranking', members: '7x 5 6', goes: [1, 2, 0] },
      { name: 'one on its way out keeps its position', members: '0x 5 6', partition: 1, goes: [1, 2, 0] },
    ],
  ],
  [
    'role replicas',
    kthenaRoles,
    [
      { name: 'one on its way out does not rank', members: '0x 5 6', goes: [1, 2] },
      { name: 'one on its way out keeps its position', members: '0x 6 5', partition: 2, goes: [2, 1] },
    ],
  ],
];

for (const [level, consumer, cases] of LEVELS) {
  describe(`Kthena's order of ${level}`, () => {
    for (const { name, members, partition = 0, goes } of [...BOTH, ...cases]) {
      test(name, () => {
        const pool = poolOf(consumer, candidates(members), { partition });
        assert.deepEqual(ordinals(consumer.order(pool, writtenCosts)), goes);
      });
    }
  });
}

test('Kthena reads a cost as Go does, so +12 and 007 count and words do not', () => {
  const one = (ordinal: number, cost: string) => candidate(ordinal, [podOf(`llama-${ordinal}`, theirs(cost))]);
  const pool = poolOf(kthenaGroups, [one(0, '+12'), one(1, '007'), one(2, 'keep me'), one(3, '1.5')]);
  assert.deepEqual(ordinals(kthenaGroups.order(pool, writtenCosts)), [3, 2, 1, 0]);
});

const VICTIMS: readonly { name: string; members: string; wanted: number; groups: number[]; replicas: number[] }[] = [
  { name: 'what exceeds the wanted count goes', members: '3 1 2', wanted: 1, groups: [1, 2], replicas: [1, 2] },
  { name: 'nothing goes when there are too few', members: '3 1 2', wanted: 5, groups: [], replicas: [] },
  {
    name: 'a group on its way out fills the count, a role replica does not',
    members: '0x 1 2',
    wanted: 2,
    groups: [0],
    replicas: [0],
  },
  {
    name: 'a role replica on its way out is one less to count',
    members: '0x 1 2',
    wanted: 1,
    groups: [0, 1],
    replicas: [0, 1],
  },
  {
    name: 'a group on its way out that is out-ranked costs a further group',
    members: '7x 5 6',
    wanted: 2,
    groups: [0, 1],
    replicas: [0],
  },
];

for (const { name, members, wanted, groups, replicas } of VICTIMS) {
  test(`Kthena deletes: ${name}`, () => {
    const gone = (consumer: Consumer) =>
      ordinals(consumer.victims(poolOf(consumer, candidates(members)), wanted, writtenCosts));
    assert.deepEqual(gone(kthenaGroups), groups);
    assert.deepEqual(gone(kthenaRoles), replicas);
  });
}
