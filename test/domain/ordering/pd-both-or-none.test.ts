import { pdBothOrNone } from '../../../src/domain/ordering/pd-both-or-none.ts';
import { change, deployment, type RoleCounts, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

function roles(old: RoleCounts, next: RoleCounts, ratio?: string) {
  return change(serving(4, old), serving(4, next), ratio === undefined ? {} : { ratio });
}

function refused(absent: string, present: string, replicas: string): string {
  return (
    `role ${absent} would have 0 replicas per group and role ${present} ${replicas}; ` +
    `scale both to 0 in one update, or keep at least 1 replica of ${absent}`
  );
}

const SCALER = 'RoleBasedGroupScalingAdapter/llm/chat-decode';

function scaled(old: RoleCounts, next: RoleCounts, ...names: readonly string[]) {
  const scalers = new Map(names.map((role) => [role, `RoleBasedGroupScalingAdapter/llm/chat-${role}`]));
  return change(serving(1, old), serving(1, next), { facts: { scalers } });
}

function next(absent: string, present: string, replicas: string, step: string): string {
  return `role ${absent} would have 0 replicas per group and role ${present} ${replicas}; scale ${step} as well`;
}

testRule(pdBothOrNone, [
  {
    name: 'one of each is allowed',
    change: roles({ prefill: 2, decode: 2 }, { prefill: 1, decode: 1 }),
    finds: [],
  },
  {
    name: 'both at zero is allowed',
    change: roles({ prefill: 2, decode: 2 }, { prefill: 0, decode: 0 }),
    finds: [],
  },
  {
    name: 'both back from zero is allowed',
    change: roles({ prefill: 0, decode: 0 }, { prefill: 1, decode: 2 }),
    finds: [],
  },
  {
    name: 'prefill alone at zero is refused',
    change: roles({ prefill: 1, decode: 2 }, { prefill: 0, decode: 2 }),
    finds: [refused('prefill', 'decode', '2 replicas')],
  },
  {
    name: 'decode alone at zero is refused',
    change: roles({ prefill: 1, decode: 2 }, { prefill: 1, decode: 0 }),
    finds: [refused('decode', 'prefill', '1 replica')],
  },
  {
    name: 'only one back from zero is refused',
    change: roles({ prefill: 0, decode: 0 }, { prefill: 0, decode: 1 }),
    finds: [refused('prefill', 'decode', '1 replica')],
  },
  {
    name: 'the order of the roles does not matter',
    change: roles({ decode: 2, prefill: 1 }, { decode: 2, prefill: 0 }),
    finds: [refused('prefill', 'decode', '2 replicas')],
  },
  {
    name: 'other roles may be at zero',
    change: roles({ prefill: 1, decode: 1, router: 1 }, { prefill: 1, decode: 1, router: 0 }),
    finds: [],
  },
  {
    name: 'roles of other names are no pair',
    change: roles({ context: 1, generation: 1 }, { context: 0, generation: 1 }),
    finds: [],
  },
  {
    name: 'names must be exact',
    change: roles({ Prefill: 1, decode: 1 }, { Prefill: 0, decode: 1 }),
    finds: [],
  },
  {
    name: 'the roles of a declared ratio are the pair',
    change: roles({ context: 1, generation: 1 }, { context: 0, generation: 1 }, 'context:generation=1:1'),
    finds: [refused('context', 'generation', '1 replica')],
  },
  {
    name: 'the denominator of a declared ratio at zero is refused',
    change: roles({ context: 1, generation: 1 }, { context: 3, generation: 0 }, 'context:generation=1:1'),
    finds: [refused('generation', 'context', '3 replicas')],
  },
  {
    name: 'a declared ratio of other roles leaves prefill and decode alone',
    change: roles(
      { prefill: 1, decode: 1, context: 1, generation: 1 },
      { prefill: 0, decode: 1, context: 1, generation: 1 },
      'context:generation=1:1',
    ),
    finds: [],
  },
  {
    name: 'a declared ratio of roles that are not there is no pair',
    change: roles({ prefill: 1, decode: 1 }, { prefill: 0, decode: 1 }, 'context:generation=1:1'),
    finds: [],
  },
  {
    name: 'a pair with one role missing is no pair',
    change: roles({ decode: 1 }, { decode: 0 }),
    finds: [],
  },
  {
    name: 'a new role at zero beside its other half is refused',
    change: roles({ prefill: 1 }, { prefill: 1, decode: 0 }),
    finds: [refused('decode', 'prefill', '1 replica')],
  },
  {
    name: 'a side that was at zero already and stays is allowed',
    change: roles({ prefill: 0, decode: 2 }, { prefill: 0, decode: 3 }),
    finds: [],
  },
  {
    name: 'a side that comes back to its other half is allowed',
    change: roles({ prefill: 0, decode: 2 }, { prefill: 1, decode: 2 }),
    finds: [],
  },
  {
    name: 'the other half following to zero is allowed',
    change: roles({ prefill: 0, decode: 2 }, { prefill: 0, decode: 0 }),
    finds: [],
  },
  {
    name: 'the sides changing places is refused',
    change: roles({ prefill: 0, decode: 2 }, { prefill: 2, decode: 0 }),
    finds: [refused('decode', 'prefill', '2 replicas')],
  },
  {
    name: 'what is no count is left to sane-counts',
    change: roles({ prefill: 1, decode: 1 }, { prefill: 0, decode: Number.NaN }),
    finds: [],
  },
  {
    name: 'a side that its scaler takes to zero says that the other scaler is to follow',
    change: scaled({ prefill: 1, decode: 2 }, { prefill: 0, decode: 2 }, 'prefill', 'decode'),
    finds: [next('prefill', 'decode', '2 replicas', `${SCALER} to 0`)],
  },
  {
    name: 'a side that its scaler brings back from zero says that the other scaler is to follow',
    change: scaled({ prefill: 0, decode: 0 }, { prefill: 2, decode: 0 }, 'prefill', 'decode'),
    finds: [next('decode', 'prefill', '2 replicas', `${SCALER} to 1 or more`)],
  },
  {
    name: 'a side without a scaler to zero says that the scaler of the other is to follow',
    change: scaled({ prefill: 1, decode: 2 }, { prefill: 0, decode: 2 }, 'decode'),
    finds: [next('prefill', 'decode', '2 replicas', `${SCALER} to 0`)],
  },
  {
    name: 'a side that its scaler brings back says that the role of the other is to follow, which has none',
    change: scaled({ prefill: 0, decode: 0 }, { prefill: 0, decode: 1 }, 'decode'),
    finds: [next('prefill', 'decode', '1 replica', 'role prefill to 1 or more')],
  },
  {
    name: 'a scaler of another role leaves both sides to one update',
    change: scaled({ router: 1, prefill: 1, decode: 2 }, { router: 1, prefill: 0, decode: 2 }, 'router'),
    finds: [refused('prefill', 'decode', '2 replicas')],
  },
  { name: 'a workload without roles is no pair', change: change(deployment(4), deployment(0)), finds: [] },
]);
