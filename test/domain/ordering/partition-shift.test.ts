import { partitionShift } from '../../../src/domain/ordering/partition-shift.ts';
import { change, deployment, partition, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

type Partition = Parameters<typeof partition>[0];

function groups(from: number, to: number, before: Partition, after: Partition = before) {
  return change(
    serving(from, { decode: 2 }, { partition: partition(before) }),
    serving(to, { decode: 2 }, { partition: partition(after) }),
  );
}

function role(from: number, to: number, part: Partition) {
  const decode = (replicas: number) => serving(4, { decode: { replicas, partition: partition(part) } });
  return change(decode(from), decode(to));
}

function exposes(was: string, still: number, stay: number, write: number): string {
  return (
    `the partition of 50% protected ${was} and would protect ${still} of the ${stay} that stay; ` +
    `write it as ${write} in the same update: a number does not move with the count`
  );
}

testRule(partitionShift, [
  { name: 'half of 4 scaled to 2 exposes one', change: groups(4, 2, '50%'), finds: [exposes('2 groups', 1, 2, 2)] },
  { name: 'half of 4 scaled to 3 still protects two, for it is rounded up', change: groups(4, 3, '50%'), finds: [] },
  { name: 'half of 4 scaled to 1 protects the only one that stays', change: groups(4, 1, '50%'), finds: [] },
  {
    name: 'half of 8 scaled to 3 exposes one of three',
    change: groups(8, 3, '50%'),
    finds: [exposes('4 groups', 2, 3, 3)],
  },
  { name: 'half of 8 scaled to 7 exposes none', change: groups(8, 7, '50%'), finds: [] },
  { name: 'half of 8 scaled to 6 exposes one', change: groups(8, 6, '50%'), finds: [exposes('4 groups', 3, 6, 4)] },
  { name: 'no groups at all expose none', change: groups(4, 0, '50%'), finds: [] },
  { name: 'more groups are protected by a percentage of more', change: groups(4, 8, '50%'), finds: [] },
  { name: 'everything stays protected by 100%', change: groups(4, 2, '100%'), finds: [] },
  { name: 'nothing is protected by 0%', change: groups(4, 2, '0%'), finds: [] },
  { name: 'a number does not move with the count', change: groups(4, 2, 2), finds: [] },
  { name: 'a percentage lowered on purpose was meant', change: groups(4, 3, '100%', '50%'), finds: [] },
  { name: 'a percentage raised makes up for the count', change: groups(4, 2, '50%', '100%'), finds: [] },
  {
    name: 'a number that becomes a percentage protects less of less',
    change: groups(4, 2, 2, '50%'),
    finds: [exposes('2 groups', 1, 2, 2)],
  },
  {
    name: 'no partition exposes nothing',
    change: change(serving(4, { decode: 2 }), serving(2, { decode: 2 })),
    finds: [],
  },
  {
    name: 'half of a role is half of its replicas',
    change: role(4, 2, '50%'),
    finds: [exposes('2 replicas', 1, 2, 2).replace('partition of', 'partition of role decode of')],
  },
  { name: 'a role that keeps its replicas exposes none', change: role(4, 4, '50%'), finds: [] },
  { name: 'a new role has protected nothing', change: change(serving(4, {}), role(4, 2, '50%').next), finds: [] },
  { name: 'what is no number is left to sane-counts', change: groups(4, Number.NaN, '50%'), finds: [] },
  {
    name: 'a workload without roles has replicas, not groups',
    change: change(deployment(4, { partition: partition('50%') }), deployment(2, { partition: partition('50%') })),
    finds: [exposes('2 replicas', 1, 2, 2)],
  },
]);
