import { singleLevel } from '../../../src/domain/ordering/single-level.ts';
import { change, deployment, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

const WAY_OUT = 'all in one update; change the groups first, then the roles in another update';

testRule(singleLevel, [
  { name: 'groups alone are allowed', change: change(serving(4, { decode: 2 }), serving(3, { decode: 2 })), finds: [] },
  {
    name: 'one role alone is allowed',
    change: change(serving(4, { prefill: 2, decode: 4 }), serving(4, { prefill: 2, decode: 3 })),
    finds: [],
  },
  {
    name: 'several roles at once are allowed',
    change: change(serving(4, { prefill: 2, decode: 4 }), serving(4, { prefill: 1, decode: 2 })),
    finds: [],
  },
  {
    name: 'a workload without roles has one level only',
    change: change(deployment(4), deployment(1)),
    finds: [],
  },
  {
    name: 'groups and a role are refused',
    change: change(serving(4, { prefill: 2, decode: 4 }), serving(3, { prefill: 2, decode: 3 })),
    finds: [`groups go from 4 to 3, role decode goes from 4 to 3, ${WAY_OUT}`],
  },
  {
    name: 'groups and a role whose count is for new groups only are allowed',
    change: change(serving(4, { prefill: 2, decode: 4 }), serving(3, { prefill: 2, decode: 3 }), {
      facts: { rolesAreTemplates: true },
    }),
    finds: [],
  },
  {
    name: 'groups and a role in opposite directions are refused',
    change: change(serving(4, { decode: 4 }), serving(5, { decode: 3 })),
    finds: [`groups go from 4 to 5, role decode goes from 4 to 3, ${WAY_OUT}`],
  },
  {
    name: 'groups and an added role are refused',
    change: change(serving(4, { prefill: 1 }), serving(3, { prefill: 1, decode: 2 })),
    finds: [`groups go from 4 to 3, role decode is added, ${WAY_OUT}`],
  },
  {
    name: 'groups and a removed role are refused',
    change: change(serving(4, { prefill: 1, decode: 2 }), serving(3, { prefill: 1 })),
    finds: [`groups go from 4 to 3, role decode is removed, ${WAY_OUT}`],
  },
  {
    name: 'groups with roles in another order is left to role-order',
    change: change(serving(4, { prefill: 1, decode: 2 }), serving(3, { decode: 2, prefill: 1 })),
    finds: [],
  },
  {
    name: 'groups to zero with roles that others are to come back with is allowed',
    change: change(serving(3, { prefill: 1, decode: 2 }), serving(0, { prefill: 1, decode: 3 })),
    finds: [],
  },
  {
    name: 'coming back from zero at both levels is allowed',
    change: change(serving(0, { prefill: 0, decode: 0 }), serving(4, { prefill: 1, decode: 2 })),
    finds: [],
  },
  {
    name: 'first groups of another shape are allowed, for none of the old one runs',
    change: change(serving(0, { prefill: 1, decode: 2 }), serving(3, { prefill: 1, decode: 3 })),
    finds: [],
  },
  {
    name: 'a second group and a role are refused',
    change: change(serving(1, { decode: 2 }), serving(2, { decode: 3 })),
    finds: [`groups go from 1 to 2, role decode goes from 2 to 3, ${WAY_OUT}`],
  },
  {
    name: 'all groups but one and a role are refused',
    change: change(serving(2, { decode: 2 }), serving(1, { decode: 3 })),
    finds: [`groups go from 2 to 1, role decode goes from 2 to 3, ${WAY_OUT}`],
  },
  {
    name: 'a workers change counts as no level',
    change: change(serving(4, { decode: { workers: 1 } }), serving(3, { decode: { workers: 3 } })),
    finds: [],
  },
]);
