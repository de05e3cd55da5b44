import { gangFloor } from '../../../src/domain/ordering/gang-floor.ts';
import { change, deployment, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

interface Decode {
  readonly replicas: number;
  readonly minimum: number | null;
}

function decode(old: Decode, next: Decode) {
  return change(
    serving(4, { prefill: 1, decode: { replicas: old.replicas, gangMinimum: old.minimum } }),
    serving(4, { prefill: 1, decode: { replicas: next.replicas, gangMinimum: next.minimum } }),
  );
}

function refused(replicas: string, minimum: number): string {
  return (
    `role decode would have ${replicas} per group, its gang needs ${minimum}; ` +
    'scale groups instead, or lower gangPolicy.minRoleReplicas.decode'
  );
}

testRule(gangFloor, [
  {
    name: 'a role above its minimum is allowed',
    change: decode({ replicas: 4, minimum: 2 }, { replicas: 3, minimum: 2 }),
    finds: [],
  },
  {
    name: 'a role at its minimum is allowed',
    change: decode({ replicas: 3, minimum: 2 }, { replicas: 2, minimum: 2 }),
    finds: [],
  },
  {
    name: 'a role one below its minimum is refused',
    change: decode({ replicas: 3, minimum: 2 }, { replicas: 1, minimum: 2 }),
    finds: [refused('1 replica', 2)],
  },
  {
    name: 'a role at zero is refused',
    change: decode({ replicas: 3, minimum: 2 }, { replicas: 0, minimum: 2 }),
    finds: [refused('0 replicas', 2)],
  },
  {
    name: 'a role without a minimum is allowed',
    change: decode({ replicas: 3, minimum: null }, { replicas: 0, minimum: null }),
    finds: [],
  },
  {
    name: 'every role below its minimum is found',
    change: change(
      serving(4, { prefill: { replicas: 2, gangMinimum: 2 }, decode: { replicas: 4, gangMinimum: 3 } }),
      serving(4, { prefill: { replicas: 1, gangMinimum: 2 }, decode: { replicas: 2, gangMinimum: 3 } }),
    ),
    finds: [
      'role prefill would have 1 replica per group, its gang needs 2; scale groups instead, or lower gangPolicy.minRoleReplicas.prefill',
      refused('2 replicas', 3),
    ],
  },
  {
    name: 'fewer groups are allowed, whatever the roles',
    change: change(
      serving(4, { decode: { replicas: 1, gangMinimum: 2 } }),
      serving(1, { decode: { replicas: 1, gangMinimum: 2 } }),
    ),
    finds: [],
  },
  {
    name: 'a role that was below its minimum and stays is allowed',
    change: decode({ replicas: 1, minimum: 2 }, { replicas: 1, minimum: 2 }),
    finds: [],
  },
  {
    name: 'a role that comes nearer to its minimum is allowed',
    change: decode({ replicas: 1, minimum: 4 }, { replicas: 2, minimum: 4 }),
    finds: [],
  },
  {
    name: 'a role that goes further below its minimum is refused',
    change: decode({ replicas: 2, minimum: 4 }, { replicas: 1, minimum: 4 }),
    finds: [refused('1 replica', 4)],
  },
  {
    name: 'a minimum raised to the count is allowed',
    change: decode({ replicas: 2, minimum: 1 }, { replicas: 2, minimum: 2 }),
    finds: [],
  },
  {
    name: 'a minimum raised above the count is refused',
    change: decode({ replicas: 2, minimum: 2 }, { replicas: 2, minimum: 3 }),
    finds: [refused('2 replicas', 3)],
  },
  {
    name: 'a minimum raised above the count while the count rises too is refused',
    change: decode({ replicas: 2, minimum: 2 }, { replicas: 3, minimum: 5 }),
    finds: [refused('3 replicas', 5)],
  },
  {
    name: 'a minimum declared above the count is refused',
    change: decode({ replicas: 2, minimum: null }, { replicas: 2, minimum: 3 }),
    finds: [refused('2 replicas', 3)],
  },
  {
    name: 'a minimum lowered with the count is allowed',
    change: decode({ replicas: 4, minimum: 4 }, { replicas: 2, minimum: 2 }),
    finds: [],
  },
  {
    name: 'a minimum lowered less than the count is refused',
    change: decode({ replicas: 4, minimum: 4 }, { replicas: 1, minimum: 2 }),
    finds: [refused('1 replica', 2)],
  },
  {
    name: 'a new role at its minimum is allowed',
    change: change(serving(4, {}), serving(4, { decode: { replicas: 2, gangMinimum: 2 } })),
    finds: [],
  },
  {
    name: 'a new role below its minimum is refused',
    change: change(serving(4, {}), serving(4, { decode: { replicas: 1, gangMinimum: 2 } })),
    finds: [refused('1 replica', 2)],
  },
  {
    name: 'a removed role is allowed',
    change: change(serving(4, { decode: { replicas: 2, gangMinimum: 2 } }), serving(4, {})),
    finds: [],
  },
  {
    name: 'what is no number is left to sane-counts',
    change: decode({ replicas: 2, minimum: 2 }, { replicas: Number.NaN, minimum: 2 }),
    finds: [],
  },
  {
    name: 'what was no number excuses nothing',
    change: decode({ replicas: Number.NaN, minimum: 2 }, { replicas: 1, minimum: 2 }),
    finds: [refused('1 replica', 2)],
  },
  { name: 'a workload without roles has no gang', change: change(deployment(4), deployment(0)), finds: [] },
]);
