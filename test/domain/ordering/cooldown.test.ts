import { cooldown } from '../../../src/domain/ordering/cooldown.ts';
import { change, observed, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

function groups(from: number, to: number, age: number | null) {
  return change(serving(from, { decode: 2 }), serving(to, { decode: 2 }), {
    cooldown: 300_000,
    facts: { observed: new Map([[null, observed({ age })]]) },
  });
}

function found(age: string, rest: string): string {
  return `groups go from 4 to 3 ${age} after its newest pod was created, limits.cooldown is 300 s; wait for another ${rest}`;
}

testRule(cooldown, [
  { name: 'a scale-down at the end of the time is allowed', change: groups(4, 3, 300_000), finds: [] },
  { name: 'a scale-down a moment before is found', change: groups(4, 3, 299_999), finds: [found('300 s', '1 s')] },
  { name: 'a scale-down at once is found', change: groups(4, 3, 0), finds: [found('0 s', '300 s')] },
  { name: 'a scale-down long after is allowed', change: groups(4, 3, 3_600_000), finds: [] },
  { name: 'a scale-up is allowed at any time', change: groups(3, 4, 0), finds: [] },
  { name: 'without a pod nothing is said', change: groups(4, 3, null), finds: [] },
  { name: 'of what nobody has seen nothing is said', change: change(serving(4, {}), serving(3, {})), finds: [] },
  {
    name: 'a role is judged by its own replicas',
    change: change(serving(2, { decode: 4 }), serving(2, { decode: 3 }), {
      cooldown: 60_000,
      facts: { observed: new Map([['decode', observed({ age: 20_000 })]]) },
    }),
    finds: [
      'role decode goes from 4 to 3 20 s after its newest pod was created, limits.cooldown is 60 s; wait for another 40 s',
    ],
  },
]);
