import { saneCounts } from '../../../src/domain/ordering/sane-counts.ts';
import { change, deployment, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

const RANGE = 'give a whole number from 0 to 10000';

function groups(from: number, to: number) {
  return change(serving(from, { decode: 2 }), serving(to, { decode: 2 }));
}

function decode(from: number, to: number) {
  return change(serving(4, { decode: from }), serving(4, { decode: to }));
}

testRule(saneCounts, [
  { name: 'an ordinary change is allowed', change: groups(4, 3), finds: [] },
  { name: 'zero groups are allowed', change: groups(4, 0), finds: [] },
  { name: 'zero that is written as -0 is allowed', change: groups(4, -0), finds: [] },
  { name: 'the maximum is allowed', change: groups(4, 10_000), finds: [] },
  {
    name: 'one group above the maximum is refused',
    change: groups(4, 10_001),
    finds: [`the number of groups would be 10001, the maximum is 10000; ${RANGE}, or raise limits.maxReplicas`],
  },
  {
    name: 'the maximum is the configured one',
    change: { ...groups(4, 9), maxReplicas: 8 },
    finds: [
      'the number of groups would be 9, the maximum is 8; give a whole number from 0 to 8, or raise limits.maxReplicas',
    ],
  },
  {
    name: 'a negative number of groups is refused',
    change: groups(4, -1),
    finds: [`the number of groups would be -1, which is negative; ${RANGE}`],
  },
  {
    name: 'half a group is refused',
    change: groups(4, 2.5),
    finds: [`the number of groups would be 2.5, which is no whole number; ${RANGE}`],
  },
  {
    name: 'a count that is no number is refused',
    change: groups(4, Number.NaN),
    finds: [`the number of groups would be no number; ${RANGE}`],
  },
  {
    name: 'an infinite count is refused',
    change: groups(4, Number.POSITIVE_INFINITY),
    finds: [`the number of groups would be Infinity, which is no whole number; ${RANGE}`],
  },
  {
    name: 'a workload without roles has replicas, not groups',
    change: change(deployment(4), deployment(-2)),
    finds: [`the number of replicas would be -2, which is negative; ${RANGE}`],
  },
  { name: 'the maximum is allowed for a role too', change: decode(2, 10_000), finds: [] },
  {
    name: 'a role above the maximum is refused',
    change: decode(2, 10_001),
    finds: [
      `the number of replicas of role decode would be 10001, the maximum is 10000; ${RANGE}, or raise limits.maxReplicas`,
    ],
  },
  {
    name: 'a negative role is refused',
    change: decode(2, -1),
    finds: [`the number of replicas of role decode would be -1, which is negative; ${RANGE}`],
  },
  {
    name: 'every bad count is found at once',
    change: change(serving(4, { prefill: 1, decode: 1 }), serving(-1, { prefill: 0.5, decode: Number.NaN })),
    finds: [
      `the number of groups would be -1, which is negative; ${RANGE}`,
      `the number of replicas of role prefill would be 0.5, which is no whole number; ${RANGE}`,
      `the number of replicas of role decode would be no number; ${RANGE}`,
    ],
  },
  {
    name: 'a new role is judged',
    change: change(serving(4, {}), serving(4, { decode: -1 })),
    finds: [`the number of replicas of role decode would be -1, which is negative; ${RANGE}`],
  },
  {
    name: 'a new role at zero is allowed',
    change: change(serving(4, {}), serving(4, { decode: 0 })),
    finds: [],
  },
  {
    name: 'a bad role that goes away is allowed',
    change: change(serving(4, { decode: -1 }), serving(4, {})),
    finds: [],
  },
  {
    name: 'a bad count that does not change is not found again',
    change: change(serving(20_000, { prefill: -1, decode: 2 }), serving(20_000, { prefill: -1, decode: 3 })),
    finds: [],
  },
  { name: 'no number that stays no number is not found again', change: groups(Number.NaN, Number.NaN), finds: [] },
  { name: 'coming down towards the maximum is allowed', change: groups(20_000, 15_000), finds: [] },
  {
    name: 'going further above the maximum is refused',
    change: groups(20_000, 20_001),
    finds: [`the number of groups would be 20001, the maximum is 10000; ${RANGE}, or raise limits.maxReplicas`],
  },
  { name: 'coming up towards zero is allowed', change: groups(-5, -2), finds: [] },
  {
    name: 'going further below zero is refused',
    change: groups(-2, -3),
    finds: [`the number of groups would be -3, which is negative; ${RANGE}`],
  },
  { name: 'mending what was no number is allowed', change: groups(Number.NaN, 3), finds: [] },
  {
    name: 'what was no number does not excuse a negative count',
    change: groups(Number.NaN, -3),
    finds: [`the number of groups would be -3, which is negative; ${RANGE}`],
  },
  { name: 'a fraction that stays a fraction is allowed', change: groups(2.5, 1.5), finds: [] },
]);
