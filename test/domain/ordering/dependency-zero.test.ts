import { dependencyZero } from '../../../src/domain/ordering/dependency-zero.ts';
import { change, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

type Counts = readonly [router: number, prefill: number, decode: number];

/** decode depends on prefill and router, prefill on router. */
function workload([router, prefill, decode]: Counts) {
  return serving(1, {
    router,
    prefill: { replicas: prefill, dependencies: ['router'] },
    decode: { replicas: decode, dependencies: ['prefill', 'router'] },
  });
}

function counts(from: Counts, to: Counts) {
  return change(workload(from), workload(to));
}

function refused(dependency: string, dependent: string, replicas: number): string {
  return (
    `role ${dependency} would have 0 replicas per group and role ${dependent}, which depends on it, ${replicas}; ` +
    `scale both to 0 in one update, or keep at least 1 replica of ${dependency}`
  );
}

/** The same while decode and prefill have a scaler each. */
function scaled(from: Counts, to: Counts) {
  const scalers = new Map(['prefill', 'decode'].map((role) => [role, `RoleBasedGroupScalingAdapter/llm/chat-${role}`]));
  return change(workload(from), workload(to), { facts: { scalers } });
}

function first(step: string): string {
  return `role prefill would have 0 replicas per group and role decode, which depends on it, 2; ${step}`;
}

testRule(dependencyZero, [
  { name: 'a dependency at one is allowed', change: counts([1, 2, 2], [1, 1, 2]), finds: [] },
  {
    name: 'a dependency at zero under a dependent is refused',
    change: counts([1, 1, 2], [1, 0, 2]),
    finds: [refused('prefill', 'decode', 2)],
  },
  {
    name: 'a dependency at zero under a single dependent replica is refused',
    change: counts([1, 1, 1], [1, 0, 1]),
    finds: [refused('prefill', 'decode', 1)],
  },
  { name: 'both at zero are allowed', change: counts([1, 1, 2], [1, 0, 0]), finds: [] },
  { name: 'the dependent alone at zero is allowed', change: counts([1, 1, 2], [1, 1, 0]), finds: [] },
  {
    name: 'a dependency of two roles is found for each',
    change: counts([1, 1, 2], [0, 1, 2]),
    finds: [refused('router', 'prefill', 1), refused('router', 'decode', 2)],
  },
  {
    name: 'a dependent raised over a dependency at zero is refused',
    change: counts([1, 0, 0], [1, 0, 1]),
    finds: [refused('prefill', 'decode', 1)],
  },
  { name: 'what was broken before may stay so', change: counts([1, 0, 2], [2, 0, 2]), finds: [] },
  {
    name: 'what was broken before may be mended in part',
    change: counts([0, 1, 2], [0, 0, 2]),
    finds: [refused('prefill', 'decode', 2)],
  },
  { name: 'a dependent scaled down to zero mends it', change: counts([1, 0, 2], [1, 0, 0]), finds: [] },
  {
    name: 'a dependency on a role that is not there is left to dependency-graph',
    change: change(serving(1, { decode: 1 }), serving(1, { decode: { replicas: 2, dependencies: ['cache'] } })),
    finds: [],
  },
  {
    name: 'a dependency named twice is told once',
    change: change(
      serving(1, { router: 1, decode: { dependencies: ['router', 'router'] } }),
      serving(1, { router: 0, decode: { dependencies: ['router', 'router'] } }),
    ),
    finds: [refused('router', 'decode', 1)],
  },
  {
    name: 'a dependency that its scaler takes to zero comes after its dependent',
    change: scaled([1, 1, 2], [1, 0, 2]),
    finds: [
      first('scale RoleBasedGroupScalingAdapter/llm/chat-decode to 0 first, or keep at least 1 replica of prefill'),
    ],
  },
  {
    name: 'a dependent that its scaler brings back comes after its dependency',
    change: scaled([1, 0, 0], [1, 0, 2]),
    finds: [first('scale RoleBasedGroupScalingAdapter/llm/chat-prefill to 1 or more first')],
  },
  { name: 'what is no number is left to sane-counts', change: counts([1, 1, 2], [1, Number.NaN, 2]), finds: [] },
]);
