import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Constraints, constrain } from '../../../src/domain/victims/constraints.ts';
import { highestOrdinal } from '../../../src/domain/victims/highest-ordinal.ts';
import { kthenaGroups, kthenaRoles } from '../../../src/domain/victims/kthena.ts';
import { type Candidate, type Pool, writtenCosts } from '../../../src/domain/victims/pool.ts';
import { replicaSet } from '../../../src/domain/victims/replicaset.ts';
import { marked, ours, podOf, theirs } from '../../builders/fleet.ts';
import { candidate, candidates, poolOf } from '../../builders/pool.ts';

interface ConstraintCase {
  readonly name: string;
  readonly pool: Pool;
  /** Ordinals. */
  readonly committed?: readonly number[];
  readonly forced?: readonly number[];
  readonly free?: readonly number[];
  readonly choose?: number;
}

const one = (ordinal: number, pod: Parameters<typeof podOf>[1], rest: Partial<Candidate> = {}) =>
  candidate(ordinal, [podOf(`llama-${ordinal}-prefill-0-0`, pod)], rest);
const mark = (ordinal: number, cost = 0) => one(ordinal, marked(cost, `llama-${ordinal}`));
const groups = (members: string, rest: Partial<Pool> = {}) => poolOf(kthenaGroups, candidates(members), rest);

const CASES: readonly ConstraintCase[] = [
  { name: 'among equals the planner chooses freely', pool: groups('9 4 7', { wanted: 1 }), free: [1, 2, 0], choose: 2 },
  { name: 'nothing is to choose when nothing is to go', pool: groups('9 4 7', { wanted: 3 }) },
  { name: 'what is not ready goes before any choice', pool: groups('9! 4 7'), free: [0], choose: 1 },
  {
    name: 'the rest is chosen once all that is not ready goes',
    pool: groups('9! 4 7', { wanted: 1 }),
    forced: [0],
    free: [1, 2],
    choose: 1,
  },
  {
    name: 'among what is not ready the planner chooses',
    pool: groups('9! 4! 7'),
    free: [1, 0],
    choose: 1,
  },
  {
    name: 'the partition is no choice while others are left',
    pool: groups('9 4 7 8', { wanted: 3, partition: 2 }),
    free: [2, 3],
    choose: 1,
  },
  {
    name: 'the partition is chosen from once all others go',
    pool: groups('9 4 7 8', { wanted: 1, partition: 2 }),
    forced: [2, 3],
    free: [1, 0],
    choose: 1,
  },
  {
    name: 'what is on its way out fills the count that is known',
    pool: groups('9 0x 7 8', { before: 3, wanted: 2 }),
    committed: [1],
    free: [2, 3, 0],
    choose: 1,
  },
  {
    name: 'what is on its way out counts though it would be recreated',
    pool: groups('9 0x 7 8', { before: 4, wanted: 3 }),
    committed: [1],
  },
  {
    name: 'what is on its way out under the partition does not fill the count while others are left',
    pool: groups('9x 4 7 8', { wanted: 3, partition: 1 }),
    committed: [0],
    free: [1, 2, 3],
    choose: 1,
  },
  {
    name: 'what is on its way out under the partition fills the count once all others go',
    pool: groups('9x 4 7 8', { wanted: 1, partition: 2 }),
    committed: [0],
    free: [2, 3],
    choose: 2,
  },
  {
    name: 'a role replica on its way out is not counted',
    pool: poolOf(kthenaRoles, candidates('9 0x 7 8'), { before: 3, wanted: 2 }),
    committed: [1],
    free: [2, 3, 0],
    choose: 1,
  },
  {
    name: 'what the controller takes at the old count is settled before it begins',
    pool: groups('9 1 7 8', { before: 3, wanted: 2 }),
    committed: [1],
    free: [2, 3, 0],
    choose: 1,
  },
  {
    name: 'the old count is read with the partition of the old count',
    pool: groups('1 2 7 8', { before: 3, wanted: 2, partition: 1, partitionBefore: 2 }),
    committed: [2],
    free: [1, 3],
    choose: 1,
  },
  {
    name: 'a scale-up settles nothing new',
    pool: groups('9 0x 7 8', { before: 3, wanted: 4 }),
    committed: [1],
  },
  {
    name: 'what we marked goes first, and only the rest is chosen',
    pool: poolOf(kthenaGroups, [...candidates('9 4'), mark(2), ...candidates('- - - 7')], { before: 4, wanted: 2 }),
    forced: [2],
    free: [1, 3, 0],
    choose: 1,
  },
  {
    name: 'a mark is void once somebody else has changed the cost',
    pool: poolOf(kthenaGroups, [...candidates('9 4'), one(2, { ...marked(0, 'llama-2'), cost: '0', costOwner: '57' })]),
    free: [1, 0],
    choose: 1,
  },
  {
    name: 'a mark of one of its role replicas does not mark the group',
    pool: poolOf(kthenaGroups, [one(0, marked(0, 'llama-0/decode-1')), ...candidates('- 4')]),
    free: [0, 1],
    choose: 1,
  },
  {
    name: 'a mark does not go before what is not ready',
    pool: poolOf(kthenaGroups, [mark(0), ...candidates('- 4!')]),
    free: [1],
    choose: 1,
  },
  {
    name: 'a negative cost of somebody else is an offer that is taken',
    pool: poolOf(kthenaGroups, [...candidates('9 4'), one(2, theirs(-1)), one(3, theirs(-5))], { wanted: 3 }),
    forced: [3],
  },
  {
    name: 'a mark of ours goes before an offer',
    pool: poolOf(kthenaGroups, [mark(0), one(1, theirs(-5))]),
    forced: [0],
  },
  {
    name: 'a positive cost of somebody else is kept while others can go',
    pool: poolOf(kthenaGroups, [...candidates('90 80'), one(2, theirs(1))]),
    free: [1, 0],
    choose: 1,
  },
  {
    name: 'of several that somebody else keeps the least goes first',
    pool: poolOf(kthenaGroups, [...candidates('90'), one(1, theirs(8)), one(2, theirs(3))], { wanted: 1 }),
    forced: [0, 2],
  },
  {
    name: 'a zero of somebody else on every pod is kept, beside a pod of ours it says nothing',
    pool: poolOf(kthenaGroups, [
      one(0, theirs(0)),
      candidate(1, [podOf('llama-1-prefill-0-0', theirs(0)), podOf('llama-1-prefill-0-1', ours(9))]),
      ...candidates('- - 90'),
    ]),
    free: [1, 2],
    choose: 1,
  },
  {
    name: 'a cost of somebody else that is no number says nothing beside a pod of ours',
    pool: poolOf(kthenaGroups, [
      candidate(0, [podOf('llama-0-prefill-0-0', theirs('keep me')), podOf('llama-0-prefill-0-1')]),
      ...candidates('- 90'),
    ]),
    free: [0, 1],
    choose: 1,
  },
  {
    name: 'the anchor goes last, after what somebody else keeps',
    pool: poolOf(kthenaRoles, [one(0, ours(1), { anchor: true }), one(1, theirs(99)), ...candidates('- - 90')], {
      wanted: 1,
    }),
    forced: [2, 1],
  },
  {
    name: 'the anchor goes first when it is the one that is not ready',
    pool: poolOf(kthenaRoles, [
      one(0, { ...ours(99), ready: false }, { anchor: true, ready: false }),
      ...candidates('- 1'),
    ]),
    forced: [0],
  },
  {
    name: 'a ReplicaSet knows no partition and takes unready pods first',
    pool: poolOf(replicaSet, candidates('9! 4 7'), { wanted: 1 }),
    forced: [0],
    free: [1, 2],
    choose: 1,
  },
  {
    name: 'where costs decide nothing all that goes is forced',
    pool: poolOf(highestOrdinal, candidates('9! 4 7'), { wanted: 1 }),
    forced: [2, 1],
  },
  {
    name: 'ordinals that go at the old count already are settled',
    pool: poolOf(highestOrdinal, candidates('9 4 7 8'), { before: 3, wanted: 1 }),
    committed: [3],
    forced: [2, 1],
  },
];

describe('what is settled before anyone chooses', () => {
  for (const { name, pool, committed = [], forced = [], free = [], choose = 0 } of CASES) {
    test(name, () => assert.deepEqual(inOrdinals(constrain(pool, writtenCosts)), { committed, forced, free, choose }));
  }
});

function inOrdinals({ committed, forced, free, choose }: Constraints) {
  const ordinals = (members: readonly Candidate[]) => members.map(({ ordinal }) => ordinal);
  return { committed: ordinals(committed), forced: ordinals(forced), free: ordinals(free), choose };
}
