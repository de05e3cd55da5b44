import { vacancy } from '../../../src/domain/ordering/vacancy.ts';
import { change, deployment, observed, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

function groups(from: number, to: number, missing: readonly string[] | null) {
  const facts = missing === null ? {} : { observed: new Map([[null, observed({ missing })]]) };
  return change(serving(from, { decode: 2 }), serving(to, { decode: 2 }), { facts });
}

function found(missing: string): string {
  return `groups go from 4 to 6 while ${missing} still missing; wait until nothing is, or see what hinders it`;
}

testRule(vacancy, [
  { name: 'a scale-up with nothing missing is allowed', change: groups(4, 6, []), finds: [] },
  { name: 'a scale-up while one is missing is found', change: groups(4, 6, ['llama-1']), finds: [found('llama-1 is')] },
  {
    name: 'a scale-up while two are missing is found',
    change: groups(4, 6, ['llama-1', 'llama-3']),
    finds: [found('llama-1, llama-3 are')],
  },
  {
    name: 'of three that are missing all are named',
    change: groups(4, 6, ['a', 'b', 'c']),
    finds: [found('a, b, c are')],
  },
  {
    name: 'of many that are missing three are named',
    change: groups(4, 6, ['a', 'b', 'c', 'd', 'e']),
    finds: [found('a, b, c and 2 more are')],
  },
  { name: 'a scale-down is allowed whatever is missing', change: groups(4, 3, ['llama-1']), finds: [] },
  { name: 'as many groups are allowed whatever is missing', change: groups(4, 4, ['llama-1']), finds: [] },
  { name: 'of what nobody has seen nothing is said', change: groups(4, 6, null), finds: [] },
  {
    name: 'a role is judged by its own replicas',
    change: change(serving(2, { decode: 2 }), serving(2, { decode: 3 }), {
      facts: {
        observed: new Map([
          ['decode', observed({ missing: ['llama-0-decode-0'] })],
          [null, observed({})],
        ]),
      },
    }),
    finds: [
      'role decode goes from 2 to 3 while llama-0-decode-0 is still missing; wait until nothing is, or see what hinders it',
    ],
  },
  {
    name: 'a workload without roles has replicas, not groups',
    change: change(deployment(3), deployment(5), {
      facts: { observed: new Map([[null, observed({ missing: ['db-1'] })]]) },
    }),
    finds: ['replicas go from 3 to 5 while db-1 is still missing; wait until nothing is, or see what hinders it'],
  },
]);
