import { scaleDownList } from '../../../src/domain/ordering/scale-down-list.ts';
import { change, deployment } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

const GROUPS = ['group0', 'group1', 'group2', 'group3'];

function list(after: readonly string[], before: readonly string[] = [], groups: readonly string[] | null = GROUPS) {
  return change(deployment(4), deployment(3), { facts: { scaleDownList: { before, after, groups, own: 'group0' } } });
}

const early = (place: number, of: number) =>
  `sortedGroupList would have group0 in place ${place} of ${of}, and it holds the resources that the others are copies of; put it last, or leave it out`;
const unknown = (name: string, groups = GROUPS.join(', ')) =>
  `sortedGroupList would name ${name}, which is no group of it; its groups are ${groups}`;
const repeated = (name: string) => `sortedGroupList would name ${name} more than once; name every group once`;

testRule(scaleDownList, [
  {
    name: 'every group once and group0 last is allowed',
    change: list(['group3', 'group1', 'group2', 'group0']),
    finds: [],
  },
  { name: 'some of the groups are allowed', change: list(['group2']), finds: [] },
  { name: 'no group at all is allowed', change: list([], ['group2']), finds: [] },
  { name: 'group0 alone is last', change: list(['group0']), finds: [] },
  { name: 'group0 one before the last is refused', change: list(['group2', 'group0', 'group1']), finds: [early(2, 3)] },
  { name: 'group0 in front is refused', change: list(['group0', 'group1']), finds: [early(1, 2)] },
  {
    name: 'group0 that was in front may stay there',
    change: list(['group0', 'group2'], ['group0', 'group1']),
    finds: [],
  },
  {
    name: 'group0 may come nearer to the end',
    change: list(['group1', 'group0', 'group2'], ['group0', 'group1', 'group2']),
    finds: [],
  },
  {
    name: 'group0 that goes further to the front is refused',
    change: list(['group0', 'group1', 'group2'], ['group1', 'group0', 'group2']),
    finds: [early(1, 3)],
  },
  { name: 'a group that is not there is refused', change: list(['group4', 'group0']), finds: [unknown('group4')] },
  {
    name: 'a group that was not there before either may stay',
    change: list(['group4', 'group1'], ['group4']),
    finds: [],
  },
  {
    name: 'where nobody knows the groups any name is allowed',
    change: list(['group4', 'group0'], [], null),
    finds: [],
  },
  {
    name: 'where there are no groups every name is refused',
    change: list(['group1'], [], []),
    finds: [unknown('group1', 'none')],
  },
  {
    name: 'a group named twice is refused, once',
    change: list(['group1', 'group2', 'group1', 'group1']),
    finds: [repeated('group1')],
  },
  {
    name: 'a group that was named twice before may stay so',
    change: list(['group1', 'group1'], ['group1', 'group1', 'group2']),
    finds: [],
  },
  {
    name: 'everything is found at once',
    change: list(['group0', 'group9', 'group1', 'group1']),
    finds: [unknown('group9'), repeated('group1'), early(1, 4)],
  },
  { name: 'a workload without a list is allowed', change: change(deployment(4), deployment(3)), finds: [] },
]);
