import { hpaAnchor } from '../../../src/domain/ordering/hpa-anchor.ts';
import { change, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

type Pair = readonly [prefill: number, decode: number];

function roles([oldPrefill, oldDecode]: Pair, [prefill, decode]: Pair, anchorRole: string | null = 'prefill') {
  return change(serving(2, { prefill: oldPrefill, decode: oldDecode }), serving(2, { prefill, decode }), {
    facts: { anchorRole },
  });
}

const found =
  "role prefill would have 0 replicas per group while others stay, and HPA's selector hangs on prefill-0; " +
  'keep at least 1 replica of prefill, or scale every role to 0';

testRule(hpaAnchor, [
  { name: 'the first role at one is allowed', change: roles([2, 2], [1, 2]), finds: [] },
  { name: 'the first role at zero while another stays is found', change: roles([1, 2], [0, 2]), finds: [found] },
  { name: 'the first role at zero while another is at one is found', change: roles([1, 2], [0, 1]), finds: [found] },
  { name: 'every role at zero is allowed', change: roles([1, 2], [0, 0]), finds: [] },
  { name: 'another role at zero is allowed', change: roles([1, 2], [1, 0]), finds: [] },
  { name: 'another role that comes back alone is found', change: roles([0, 0], [0, 2]), finds: [found] },
  { name: 'what was so before may stay so', change: roles([0, 2], [0, 3]), finds: [] },
  { name: 'a kind without such a role is allowed', change: roles([1, 2], [0, 2], null), finds: [] },
  {
    name: 'the first role alone at zero leaves nobody behind',
    change: change(serving(2, { prefill: 1 }), serving(2, { prefill: 0 }), { facts: { anchorRole: 'prefill' } }),
    finds: [],
  },
]);
