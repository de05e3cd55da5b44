import { gangDeadlock } from '../../../src/domain/ordering/gang-deadlock.ts';
import { change, deployment, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

function groups(from: number, to: number, room: number | null) {
  return change(serving(from, { decode: 2 }), serving(to, { decode: 2 }), { facts: { room } });
}

testRule(gangDeadlock, [
  { name: 'as many gangs as fit are allowed', change: groups(4, 6, 2), finds: [] },
  { name: 'fewer gangs than fit are allowed', change: groups(4, 5, 2), finds: [] },
  {
    name: 'one gang more than fits is found',
    change: groups(4, 7, 2),
    finds: [
      'groups go from 4 to 7, and what the fleet has free holds at most 2 groups more; scale to 6 for now, or free nodes first',
    ],
  },
  {
    name: 'one gang where none fits is found',
    change: groups(4, 5, 0),
    finds: [
      'groups go from 4 to 5, and what the fleet has free holds at most 0 groups more; scale it later, or free nodes first',
    ],
  },
  { name: 'a scale-down is allowed where nothing fits', change: groups(4, 3, 0), finds: [] },
  { name: 'as many groups are allowed where nothing fits', change: groups(4, 4, 0), finds: [] },
  { name: 'where nobody knows what fits nothing is said', change: groups(4, 100, null), finds: [] },
  { name: 'what is no number is left to sane-counts', change: groups(4, Number.NaN, 0), finds: [] },
  {
    name: 'a workload without roles has replicas, not groups',
    change: change(deployment(1), deployment(3), { facts: { room: 1 } }),
    finds: [
      'replicas go from 1 to 3, and what the fleet has free holds at most 1 replica more; scale to 2 for now, or free nodes first',
    ],
  },
]);
