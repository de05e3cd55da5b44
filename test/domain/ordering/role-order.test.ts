import { roleOrder } from '../../../src/domain/ordering/role-order.ts';
import { change, deployment, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

const COST = 'every group would be rolled; keep the order';
const REORDERED = `${COST}, or scale to 0 groups first`;
const REPLACED = `${COST} and add roles at the end, or scale to 0 groups first`;

const PREFILL_FIRST = { prefill: 1, decode: 2 };
const DECODE_FIRST = { decode: 2, prefill: 1 };

testRule(roleOrder, [
  {
    name: 'the same order is allowed',
    change: change(serving(4, PREFILL_FIRST), serving(3, PREFILL_FIRST)),
    finds: [],
  },
  {
    name: 'counts that change in place are allowed',
    change: change(serving(4, PREFILL_FIRST), serving(4, { prefill: 2, decode: 1 })),
    finds: [],
  },
  {
    name: 'two roles that change places are refused',
    change: change(serving(4, PREFILL_FIRST), serving(4, DECODE_FIRST)),
    finds: [`the roles prefill, decode would be reordered to decode, prefill: ${REORDERED}`],
  },
  {
    name: 'roles behind the first that change places are refused',
    change: change(serving(1, { router: 1, ...PREFILL_FIRST }), serving(1, { router: 1, ...DECODE_FIRST })),
    finds: [`the roles router, prefill, decode would be reordered to router, decode, prefill: ${REORDERED}`],
  },
  {
    name: 'a role added at the end is allowed',
    change: change(serving(4, PREFILL_FIRST), serving(4, { ...PREFILL_FIRST, router: 1 })),
    finds: [],
  },
  {
    name: 'a role added in the middle is allowed',
    change: change(serving(4, PREFILL_FIRST), serving(4, { prefill: 1, router: 1, decode: 2 })),
    finds: [],
  },
  {
    name: 'a role added at the front is refused',
    change: change(serving(4, PREFILL_FIRST), serving(4, { router: 1, ...PREFILL_FIRST })),
    finds: [`roles[0] would be router instead of prefill: ${REPLACED}`],
  },
  {
    name: 'the first role renamed is refused',
    change: change(serving(4, PREFILL_FIRST), serving(4, { context: 1, decode: 2 })),
    finds: [`roles[0] would be context instead of prefill: ${REPLACED}`],
  },
  {
    name: 'the first role removed is refused',
    change: change(serving(4, PREFILL_FIRST), serving(4, { decode: 2 })),
    finds: [`roles[0] would be decode instead of prefill: ${REPLACED}`],
  },
  {
    name: 'all roles removed is refused',
    change: change(serving(4, PREFILL_FIRST), serving(4, {})),
    finds: [`roles[0] would be gone instead of prefill: ${REPLACED}`],
  },
  {
    name: 'a later role removed is allowed',
    change: change(serving(4, PREFILL_FIRST), serving(4, { prefill: 1 })),
    finds: [],
  },
  {
    name: 'first roles where there were none are allowed',
    change: change(serving(4, {}), serving(4, PREFILL_FIRST)),
    finds: [],
  },
  {
    name: 'a new order is allowed while no groups exist',
    change: change(serving(0, PREFILL_FIRST), serving(0, DECODE_FIRST)),
    finds: [],
  },
  {
    name: 'a new order is allowed with the first groups',
    change: change(serving(0, PREFILL_FIRST), serving(1, DECODE_FIRST)),
    finds: [],
  },
  {
    name: 'a new order is allowed with the last groups going',
    change: change(serving(1, PREFILL_FIRST), serving(0, DECODE_FIRST)),
    finds: [],
  },
  {
    name: 'a new order is refused with one group left',
    change: change(serving(2, PREFILL_FIRST), serving(1, DECODE_FIRST)),
    finds: [`the roles prefill, decode would be reordered to decode, prefill: ${REORDERED}`],
  },
  {
    name: 'a first role that from now on only a scaler counts is allowed',
    change: change(serving(1, PREFILL_FIRST), serving(1, { decode: 2 }, { roleOrder: ['prefill', 'decode'] })),
    finds: [],
  },
  {
    name: 'roles that only scalers count are refused to change places too',
    change: change(
      serving(1, { decode: 2 }, { roleOrder: ['prefill', 'decode'] }),
      serving(1, { decode: 2 }, { roleOrder: ['decode', 'prefill'] }),
    ),
    finds: [`the roles prefill, decode would be reordered to decode, prefill: ${REORDERED}`],
  },
  {
    name: 'where the HPA selector hangs on the first role that is told too',
    change: change(serving(4, PREFILL_FIRST), serving(4, DECODE_FIRST), { facts: { anchorRole: 'decode' } }),
    finds: [
      'the roles prefill, decode would be reordered to decode, prefill: ' +
        'every group would be rolled and the HPA selector follows roles[0]; keep the order, or scale to 0 groups first',
    ],
  },
  ...(
    [
      ['changed places', DECODE_FIRST],
      ['a new first one', { router: 1, ...PREFILL_FIRST }],
      ['lost the first one', { decode: 2 }],
    ] as const
  ).map(([what, roles]) => ({
    name: `roles of a kind that heeds no order may have ${what}`,
    change: change(serving(4, PREFILL_FIRST, { roleOrder: [] }), serving(4, roles, { roleOrder: [] })),
    finds: [],
  })),
  { name: 'a workload without roles has no order', change: change(deployment(4), deployment(3)), finds: [] },
]);
