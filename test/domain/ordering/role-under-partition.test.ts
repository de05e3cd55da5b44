import { roleUnderPartition } from '../../../src/domain/ordering/role-under-partition.ts';
import { change, partition, type RoleCounts, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

type Partition = Parameters<typeof partition>[0];

function roles(old: RoleCounts, next: RoleCounts, part: Partition, groups = 4) {
  const rest = { partition: partition(part) };
  return change(serving(groups, old, rest), serving(groups, next, rest));
}

const before = { prefill: 1, decode: 2 };
const after = { prefill: 1, decode: 4 };

function found(first: string, described = 'role decode goes from 2 to 4'): string {
  return (
    `${described}, but the partition protects the first ${first}, which will not follow; ` +
    'lower the partition first, or scale groups instead'
  );
}

testRule(roleUnderPartition, [
  {
    name: 'a role scaled under a partition of 3 is found',
    change: roles(before, after, 3),
    finds: [found('3 groups')],
  },
  {
    name: 'a role scaled down is found too',
    change: roles(after, before, 3),
    finds: [found('3 groups', 'role decode goes from 4 to 2')],
  },
  { name: 'a partition of one group is enough', change: roles(before, after, 1), finds: [found('1 group')] },
  { name: 'a partition of zero protects nothing', change: roles(before, after, 0), finds: [] },
  {
    name: 'a percentage counts of the groups there are',
    change: roles(before, after, '50%'),
    finds: [found('2 groups')],
  },
  {
    name: 'a partition beyond the groups protects those there are',
    change: roles(before, after, 9),
    finds: [found('4 groups')],
  },
  { name: 'without groups nothing is protected', change: roles(before, after, 3, 0), finds: [] },
  {
    name: 'groups that come back with the role were not there to be protected',
    change: change(
      serving(0, { decode: 0 }, { partition: partition(3) }),
      serving(4, { decode: 2 }, { partition: partition(3) }),
    ),
    finds: [],
  },
  {
    name: 'several roles are told together',
    change: roles(before, { prefill: 2, decode: 4 }, 3),
    finds: [found('3 groups', 'role prefill goes from 1 to 2, role decode goes from 2 to 4')],
  },
  {
    name: 'a role that comes or goes is no scaling',
    change: roles({ prefill: 1 }, { prefill: 1, decode: 2 }, 3),
    finds: [],
  },
  {
    name: 'groups alone may change',
    change: change(serving(4, before, { partition: partition(3) }), serving(5, before, { partition: partition(3) })),
    finds: [],
  },
  {
    name: 'a partition taken away in the same update protects nothing',
    change: change(serving(4, before, { partition: partition(3) }), serving(4, after)),
    finds: [],
  },
]);
