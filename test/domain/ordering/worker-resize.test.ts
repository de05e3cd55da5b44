import { workerResize } from '../../../src/domain/ordering/worker-resize.ts';
import { change, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

function workers(from: number, to: number, groups: readonly [number, number] = [4, 4]) {
  return change(serving(groups[0], { decode: { workers: from } }), serving(groups[1], { decode: { workers: to } }));
}

function found(from: number, to: string): string {
  return (
    `role decode goes from ${from} to ${to} per replica, which rolls every group and scales none; ` +
    'change replicas instead, or plan it as a rollout'
  );
}

testRule(workerResize, [
  { name: 'as many workers are allowed', change: workers(1, 1), finds: [] },
  { name: 'one worker more is found', change: workers(1, 2), finds: [found(1, '2 workers')] },
  { name: 'one worker less is found', change: workers(2, 1), finds: [found(2, '1 worker')] },
  { name: 'no worker at all is found', change: workers(1, 0), finds: [found(1, '0 workers')] },
  { name: 'without groups there is nothing to roll', change: workers(1, 2, [0, 0]), finds: [] },
  { name: 'groups that come with other workers are new anyway', change: workers(1, 2, [0, 4]), finds: [] },
  { name: 'groups that all go need no rollout', change: workers(1, 2, [4, 0]), finds: [] },
  {
    name: 'a role that comes with workers is allowed',
    change: change(serving(4, {}), serving(4, { decode: { workers: 2 } })),
    finds: [],
  },
  {
    name: 'a role that goes with its workers is allowed',
    change: change(serving(4, { decode: { workers: 2 } }), serving(4, {})),
    finds: [],
  },
  { name: 'what is no number and stays so is no change', change: workers(Number.NaN, Number.NaN), finds: [] },
]);
