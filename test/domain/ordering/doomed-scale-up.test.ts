import { doomedScaleUp } from '../../../src/domain/ordering/doomed-scale-up.ts';
import { type ChangeFields, change, partition, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

const holding = (roles: Readonly<Record<string, number>>): ChangeFields => ({
  facts: {
    revision: {
      namespace: 'llm',
      name: 'chat-7f9',
      owner: 'uid-of-llama',
      created: 0,
      roles: Object.entries(roles).map(([name, replicas]) => ({ name, replicas, workers: 0 })),
    },
  },
});
const roles = { prefill: 1, decode: 2 };
const other = { prefill: 1, decode: 4 };

function scaled(from: number, to: number, fields: ChangeFields = holding(other), part = 0) {
  const rest = { partition: partition(part) };
  return change(serving(from, roles, rest), serving(to, roles, rest), fields);
}

function found(from: number, to: number, held = 'decode at 4, not 2'): string {
  return (
    `groups go from ${from} to ${to}, but ControllerRevision chat-7f9 holds ${held}: no group could be created; ` +
    'set the roles back to that, or first kubectl -n llm delete controllerrevision chat-7f9'
  );
}

testRule(doomedScaleUp, [
  { name: 'a scale-up by what is stored is allowed', change: scaled(2, 3, holding(roles)), finds: [] },
  { name: 'a scale-up past what is stored is found', change: scaled(2, 3), finds: [found(2, 3)] },
  { name: 'a scale-up from zero is found', change: scaled(0, 1), finds: [found(0, 1)] },
  {
    name: 'every role that differs is told',
    change: scaled(2, 3, holding({ prefill: 3, decode: 4 })),
    finds: [found(2, 3, 'prefill at 3, not 1, decode at 4, not 2')],
  },
  { name: 'a scale-down is allowed', change: scaled(3, 2), finds: [] },
  { name: 'as many groups are allowed', change: scaled(2, 2), finds: [] },
  {
    name: 'up to the partition groups are created by their own revision',
    change: scaled(1, 3, holding(other), 3),
    finds: [],
  },
  { name: 'one beyond the partition is found', change: scaled(1, 4, holding(other), 3), finds: [found(1, 4)] },
  {
    name: 'another template in the same update is another revision',
    change: scaled(2, 3, { ...holding(other), rollout: true }),
    finds: [],
  },
  {
    name: 'a stored role that is gone belongs to another template',
    change: scaled(2, 3, holding({ ...other, cache: 1 })),
    finds: [],
  },
  {
    name: 'a role that is not stored belongs to another template',
    change: scaled(2, 3, holding({ decode: 4 })),
    finds: [],
  },
  {
    name: 'a stored role of another name belongs to another template',
    change: scaled(2, 3, holding({ prefill: 1, generate: 4 })),
    finds: [],
  },
  { name: 'where nothing is stored nothing is said', change: scaled(2, 3, {}), finds: [] },
  {
    name: 'roles set back in the same update are what is stored',
    change: change(serving(2, roles), serving(3, other), holding(other)),
    finds: [],
  },
]);
