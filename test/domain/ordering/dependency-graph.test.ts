import { dependencyGraph } from '../../../src/domain/ordering/dependency-graph.ts';
import { change, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

type Dependencies = Readonly<Record<string, readonly string[]>>;

function workload(roles: Dependencies) {
  return serving(1, Object.fromEntries(Object.entries(roles).map(([name, dependencies]) => [name, { dependencies }])));
}

function dependencies(old: Dependencies, next: Dependencies) {
  return change(workload(old), workload(next));
}

function circle(path: string): string {
  return `roles would depend on each other in a circle, ${path}; take one of these dependencies away`;
}

const none = { a: [], b: [], c: [] };

testRule(dependencyGraph, [
  { name: 'no dependencies are allowed', change: dependencies(none, none), finds: [] },
  { name: 'a chain is allowed', change: dependencies(none, { a: [], b: ['a'], c: ['b'] }), finds: [] },
  {
    name: 'two ways to one role are no circle',
    change: dependencies(none, { a: [], b: ['a'], c: ['b', 'a'] }),
    finds: [],
  },
  {
    name: 'a dependency on a role that is not there is refused',
    change: dependencies(none, { a: ['x'], b: [], c: [] }),
    finds: ['role a would depend on x, which is no role of it; name one of a, b, c'],
  },
  {
    name: 'a role taken away from under a dependent is refused',
    change: dependencies({ a: [], b: ['a'] }, { b: ['a'] }),
    finds: ['role b would depend on a, which is no role of it; name one of b'],
  },
  {
    name: 'a role that depends on itself is refused',
    change: dependencies(none, { a: ['a'], b: [], c: [] }),
    finds: [circle('a → a')],
  },
  {
    name: 'a circle of two is told once',
    change: dependencies(none, { a: ['b'], b: ['a'], c: [] }),
    finds: [circle('a → b → a')],
  },
  {
    name: 'a circle of three is told once, from the first role',
    change: dependencies(none, { a: ['c'], b: ['a'], c: ['b'] }),
    finds: [circle('a → c → b → a')],
  },
  {
    name: 'what leads into a circle is no part of it',
    change: dependencies(none, { a: ['b'], b: ['c'], c: ['b'] }),
    finds: [circle('b → c → b')],
  },
  {
    name: 'a circle that was there may stay',
    change: dependencies({ a: ['b'], b: ['a'] }, { a: ['b'], b: ['a'] }),
    finds: [],
  },
  {
    name: 'a circle that was there may be opened',
    change: dependencies({ a: ['b'], b: ['a'] }, { a: ['b'], b: [] }),
    finds: [],
  },
  {
    name: 'a second circle beside one that was there is refused',
    change: dependencies({ a: ['b'], b: ['a'], c: [] }, { a: ['b'], b: ['a'], c: ['c'] }),
    finds: [circle('c → c')],
  },
  {
    name: 'an unknown role that was named before may stay',
    change: dependencies({ a: ['x'], b: [] }, { a: ['x'], b: ['a'] }),
    finds: [],
  },
  {
    name: 'an unknown role is found beside a circle',
    change: dependencies(none, { a: ['b'], b: ['a', 'x'], c: [] }),
    finds: [circle('a → b → a'), 'role b would depend on x, which is no role of it; name one of a, b, c'],
  },
]);
