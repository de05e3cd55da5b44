import { dependencyOrder } from '../../../src/domain/ordering/dependency-order.ts';
import type { Observed } from '../../../src/domain/ordering/facts.ts';
import { change, observed, type RoleCounts, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

function decode(from: number, to: number, router: Partial<Observed> | null, dependencies = ['router']) {
  const roles = (replicas: number): RoleCounts => ({ router: 2, decode: { replicas, dependencies } });
  const facts = router === null ? {} : { observed: new Map([['router', observed(router)]]) };
  return change(serving(1, roles(from)), serving(1, roles(to)), { facts });
}

const found =
  'role decode goes from 2 to 4 while role router, which it depends on, has 1 of 2 replicas ready; wait until router is ready';

testRule(dependencyOrder, [
  {
    name: 'a dependent scaled up over a ready dependency is allowed',
    change: decode(2, 4, { wanted: 2, ready: 2 }),
    finds: [],
  },
  {
    name: 'a dependent scaled up over one that is one short is found',
    change: decode(2, 4, { wanted: 2, ready: 1 }),
    finds: [found],
  },
  { name: 'more ready than wanted is ready', change: decode(2, 4, { wanted: 2, ready: 3 }), finds: [] },
  { name: 'a dependency at zero is left to dependency-zero', change: decode(2, 4, { wanted: 0, ready: 0 }), finds: [] },
  { name: 'a dependent scaled down is allowed', change: decode(4, 2, { wanted: 2, ready: 1 }), finds: [] },
  { name: 'a dependent that stays is allowed', change: decode(2, 2, { wanted: 2, ready: 1 }), finds: [] },
  { name: 'a role that depends on nothing is allowed', change: decode(2, 4, { wanted: 2, ready: 1 }, []), finds: [] },
  {
    name: 'a dependency named twice is told once',
    change: decode(2, 4, { wanted: 2, ready: 1 }, ['router', 'router']),
    finds: [found],
  },
  { name: 'of a dependency that nobody has seen nothing is said', change: decode(2, 4, null), finds: [] },
  {
    name: 'more groups bring all roles in their order',
    change: change(
      serving(1, { router: 1, decode: { dependencies: ['router'] } }),
      serving(2, { router: 1, decode: { dependencies: ['router'] } }),
      { facts: { observed: new Map([['router', observed({ wanted: 1, ready: 0 })]]) } },
    ),
    finds: [],
  },
]);
