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
    'scale groups instead, or create it anew with a smaller gang'
  );
}

/** A Grove scaling group, or one clique of it. */
function set(from: number, to: number) {
  return change(deployment(from, { gangMinimum: 2 }), deployment(to, { gangMinimum: 2 }));
}

function setRefused(replicas: string): string {
  return `there would be ${replicas}, its gang needs 2; keep 2, or scale what it is a part of`;
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
      'role prefill would have 1 replica per group, its gang needs 2; scale groups instead, or create it anew with a smaller gang',
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
  {
    name: 'a set above its own minimum is allowed',
    change: set(4, 3),
    finds: [],
  },
  { name: 'a set at its own minimum is allowed', change: set(4, 2), finds: [] },
  { name: 'a set one below its own minimum is refused', change: set(4, 1), finds: [setRefused('1 replica')] },
  { name: 'a set at zero is refused', change: set(4, 0), finds: [setRefused('0 replicas')] },
  { name: 'a set that comes nearer to its minimum is allowed', change: set(0, 1), finds: [] },
  {
    name: 'a set that goes further below its minimum is refused',
    change: set(1, 0),
    finds: [setRefused('0 replicas')],
  },
  { name: 'a set of what is no number is left to sane-counts', change: set(4, Number.NaN), finds: [] },
  { name: 'mending a set of what was no number up to the minimum is allowed', change: set(Number.NaN, 2), finds: [] },
  {
    name: 'a set of groups below its own minimum is refused beside a role below its own',
    change: change(
      serving(4, { decode: { replicas: 4, gangMinimum: 3 } }, { gangMinimum: 2 }),
      serving(1, { decode: { replicas: 2, gangMinimum: 3 } }, { gangMinimum: 2 }),
    ),
    finds: [
      'there would be 1 group, its gang needs 2; keep 2, or scale what it is a part of',
      refused('2 replicas', 3),
    ],
  },
  { name: 'a workload without roles has no gang', change: change(deployment(4), deployment(0)), finds: [] },
]);
