import { scaleWithRollout } from '../../../src/domain/ordering/scale-with-rollout.ts';
import { change, deployment, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

const WAY_OUT = 'and the pod template changes in the same update; scale first, then roll out in another update';
const ROLLOUT = { rollout: true };

testRule(scaleWithRollout, [
  { name: 'scaling alone is allowed', change: change(deployment(4), deployment(3)), finds: [] },
  { name: 'a rollout alone is allowed', change: change(deployment(4), deployment(4), ROLLOUT), finds: [] },
  {
    name: 'replicas and rollout together are found',
    change: change(deployment(4), deployment(3), ROLLOUT),
    finds: [`replicas go from 4 to 3, ${WAY_OUT}`],
  },
  {
    name: 'a scale-up with a rollout is found as well',
    change: change(deployment(4), deployment(5), ROLLOUT),
    finds: [`replicas go from 4 to 5, ${WAY_OUT}`],
  },
  {
    name: 'groups and rollout together are found',
    change: change(serving(4, { decode: 2 }), serving(3, { decode: 2 }), ROLLOUT),
    finds: [`groups go from 4 to 3, ${WAY_OUT}`],
  },
  {
    name: 'a role and a rollout together are found',
    change: change(serving(4, { prefill: 1, decode: 2 }), serving(4, { prefill: 1, decode: 1 }), ROLLOUT),
    finds: [`role decode goes from 2 to 1, ${WAY_OUT}`],
  },
  {
    name: 'both levels and a rollout are told in one sentence',
    change: change(serving(4, { decode: 2 }), serving(3, { decode: 1 }), ROLLOUT),
    finds: [`groups go from 4 to 3, role decode goes from 2 to 1, ${WAY_OUT}`],
  },
  {
    name: 'a role added is a rollout and no scaling',
    change: change(serving(4, { prefill: 1 }), serving(4, { prefill: 1, decode: 2 }), ROLLOUT),
    finds: [],
  },
  {
    name: 'a role removed is a rollout and no scaling',
    change: change(serving(4, { prefill: 1, decode: 2 }), serving(4, { prefill: 1 }), ROLLOUT),
    finds: [],
  },
]);
