import { partitionFloor } from '../../../src/domain/ordering/partition-floor.ts';
import { change, deployment, partition, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

type Partition = Parameters<typeof partition>[0];

function groups(from: number, to: number, before: Partition, after: Partition = before) {
  return change(
    serving(from, { decode: 2 }, { partition: partition(before) }),
    serving(to, { decode: 2 }, { partition: partition(after) }),
  );
}

const TWO_OF_THREE =
  'there would be 2 groups, the partition protects 3; keep 3 groups, scale to 0, or lower the partition';
const ONE_OF_THREE =
  'there would be 1 group, the partition protects 3; keep 3 groups, scale to 0, or lower the partition';

testRule(partitionFloor, [
  { name: 'more groups than the partition protects are allowed', change: groups(5, 4, 3), finds: [] },
  { name: 'as many groups as the partition protects are allowed', change: groups(5, 3, 3), finds: [] },
  { name: 'one group fewer than the partition protects is refused', change: groups(5, 2, 3), finds: [TWO_OF_THREE] },
  { name: 'one group of three protected ones is refused', change: groups(5, 1, 3), finds: [ONE_OF_THREE] },
  { name: 'zero groups are allowed', change: groups(5, 0, 3), finds: [] },
  { name: 'a partition of zero protects nothing', change: groups(5, 1, 0), finds: [] },
  {
    name: 'no partition protects nothing',
    change: change(serving(5, { decode: 2 }), serving(1, { decode: 2 })),
    finds: [],
  },
  { name: 'a percentage is taken of the new count', change: groups(4, 1, '50%'), finds: [] },
  { name: 'a percentage of everything is never above the count', change: groups(4, 1, '100%'), finds: [] },
  { name: 'a first group after zero is allowed below the partition', change: groups(0, 1, 3), finds: [] },
  { name: 'staying below the partition is allowed', change: groups(2, 2, 3), finds: [] },
  { name: 'coming nearer to the partition is allowed', change: groups(1, 2, 3), finds: [] },
  {
    name: 'going further below the partition is refused, and nobody told to keep more than there is',
    change: groups(2, 1, 3),
    finds: ['there would be 1 group, the partition protects 3; keep 2 groups, scale to 0, or lower the partition'],
  },
  { name: 'a partition lowered with the count is allowed', change: groups(5, 2, 3, 2), finds: [] },
  { name: 'a partition raised above the new count is refused', change: groups(4, 2, 1, 3), finds: [TWO_OF_THREE] },
  { name: 'a rollout is frozen by a partition above more groups than before', change: groups(1, 2, 1, 3), finds: [] },
  {
    name: 'a rollout is frozen by a partition above the count in the same update as a role is scaled',
    change: change(serving(4, { decode: 2 }), serving(4, { decode: 3 }, { partition: partition(10) })),
    finds: [],
  },
  {
    name: 'a percentage replaced by a number above the count is refused',
    change: groups(4, 2, '50%', 3),
    finds: [TWO_OF_THREE],
  },
  { name: 'mending what was no number up to the partition is allowed', change: groups(Number.NaN, 3, 3), finds: [] },
  { name: 'a negative count is left to sane-counts', change: groups(4, -1, 3), finds: [] },
  {
    name: 'a negative count without a partition is left to sane-counts',
    change: change(deployment(3), deployment(-1)),
    finds: [],
  },
  { name: 'what is no number is left to sane-counts', change: groups(4, Number.NaN, 3), finds: [] },
  {
    name: 'a workload without roles has replicas, not groups',
    change: change(deployment(3, { partition: partition(2) }), deployment(1, { partition: partition(2) })),
    finds: ['there would be 1 replica, the partition protects 2; keep 2 replicas, scale to 0, or lower the partition'],
  },
]);
