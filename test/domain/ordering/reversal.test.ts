import type { Observed } from '../../../src/domain/ordering/facts.ts';
import { reversal } from '../../../src/domain/ordering/reversal.ts';
import { change, deployment, observed, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

function groups(from: number, to: number, seen: Partial<Observed> | null) {
  const facts =
    seen === null ? {} : { observed: new Map([[null, observed({ wanted: from, present: from, ...seen })]]) };
  return change(serving(from, { decode: 2 }), serving(to, { decode: 2 }), { facts });
}

const deleting = (what: string) => `groups go from 3 to 5 while ${what} still being deleted; wait until that is done`;
const coming = (what: string) => `groups go from 4 to 3 while ${what} still on the way in; wait until that is done`;

testRule(reversal, [
  { name: 'a scale-up with nothing being deleted is allowed', change: groups(3, 5, { deleting: 0 }), finds: [] },
  {
    name: 'a scale-up while one is being deleted is found',
    change: groups(3, 5, { deleting: 1 }),
    finds: [deleting('1 group of the scale-down before is')],
  },
  {
    name: 'a scale-up while several are being deleted is found',
    change: groups(3, 5, { deleting: 2 }),
    finds: [deleting('2 groups of the scale-down before are')],
  },
  {
    name: 'a scale-up while one is being deleted that comes back, as in a rollout, is allowed',
    change: groups(3, 5, { present: 2, deleting: 1 }),
    finds: [],
  },
  {
    name: 'a scale-up while one of those being deleted comes back is found for the others',
    change: groups(3, 5, { present: 2, deleting: 2 }),
    finds: [deleting('1 group of the scale-down before is')],
  },
  {
    name: 'a scale-down while others are being deleted goes the same way',
    change: groups(4, 3, { deleting: 2 }),
    finds: [],
  },
  { name: 'a scale-down with everything there is allowed', change: groups(4, 3, {}), finds: [] },
  {
    name: 'a scale-down while one is not there yet is found',
    change: groups(4, 3, { present: 3 }),
    finds: [coming('1 group of 4 is')],
  },
  {
    name: 'a scale-down while one is starting is found',
    change: groups(4, 3, { starting: 1 }),
    finds: [coming('1 group of 4 is')],
  },
  {
    name: 'a scale-down while one is starting and one not there yet is found',
    change: groups(4, 3, { present: 3, starting: 1 }),
    finds: [coming('2 groups of 4 are')],
  },
  { name: 'a scale-down with more there than wanted is allowed', change: groups(4, 3, { present: 5 }), finds: [] },
  {
    name: 'a scale-up while others are on the way in goes the same way',
    change: groups(3, 5, { present: 1, starting: 1 }),
    finds: [],
  },
  { name: 'of what nobody has seen nothing is said', change: groups(4, 3, null), finds: [] },
  {
    name: 'a role is judged by its own replicas',
    change: change(serving(2, { decode: 4 }), serving(2, { decode: 6 }), {
      facts: {
        observed: new Map([
          ['decode', observed({ deleting: 2 })],
          [null, observed({})],
        ]),
      },
    }),
    finds: [
      'role decode goes from 4 to 6 while 2 replicas of the scale-down before are still being deleted; wait until that is done',
    ],
  },
  {
    name: 'a workload without roles has replicas, not groups',
    change: change(deployment(3), deployment(5), { facts: { observed: new Map([[null, observed({ deleting: 1 })]]) } }),
    finds: [
      'replicas go from 3 to 5 while 1 replica of the scale-down before is still being deleted; wait until that is done',
    ],
  },
]);
