import { fixedRatioMembers } from '../../../src/domain/ordering/fixed-ratio-members.ts';
import { change, deployment, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

const name = 'ResourceScalingGroup/llm/chat';

function member(from: number, to: number, asks: number | null = null) {
  return change(deployment(from), deployment(to), { facts: { memberOf: { name, asks } } });
}

function refused(from: number, to: number, asked = ''): string {
  return (
    `replicas go from ${from} to ${to}, but ${name} scales its targets together${asked}; ` +
    `scale ${name} instead, or take this out of its targets first`
  );
}

testRule(fixedRatioMembers, [
  { name: 'a workload of no group is allowed', change: change(deployment(4), deployment(3)), finds: [] },
  { name: 'a target scaled down on its own is refused', change: member(4, 3), finds: [refused(4, 3)] },
  { name: 'a target scaled up on its own is refused', change: member(4, 5), finds: [refused(4, 5)] },
  { name: 'a target scaled to zero on its own is refused', change: member(4, 0), finds: [refused(4, 0)] },
  { name: 'a target that keeps its count is allowed', change: member(4, 4), finds: [] },
  { name: 'what is no number and stays so is no scaling', change: member(Number.NaN, Number.NaN), finds: [] },
  { name: 'the count that the group asks for is allowed', change: member(4, 6, 6), finds: [] },
  {
    name: 'one beside the count that the group asks for is refused',
    change: member(6, 5, 6),
    finds: [refused(6, 5, ', and asks 6 of this one')],
  },
  { name: 'nearer to what the group asks for is allowed', change: member(4, 5, 6), finds: [] },
  {
    name: 'further from what the group asks for is refused',
    change: member(4, 3, 6),
    finds: [refused(4, 3, ', and asks 6 of this one')],
  },
  { name: 'as far on the other side is allowed', change: member(5, 7, 6), finds: [] },
  {
    name: 'roles of a target may change: the group counts groups',
    change: change(serving(4, { decode: 2 }), serving(4, { decode: 3 }), { facts: { memberOf: { name, asks: null } } }),
    finds: [],
  },
]);
