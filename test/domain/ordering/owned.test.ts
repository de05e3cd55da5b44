import { owned } from '../../../src/domain/ordering/owned.ts';
import { change, deployment, type RoleCounts, serving } from '../../builders/workload.ts';
import { testRule } from './rule-cases.ts';

const name = 'Deployment/default/web';

function replicas(from: number, to: number, asked: number | null) {
  const asks = { replicas: asked, roles: new Map<string, number>() };
  return change(deployment(from), deployment(to), { facts: { owner: { name, asks } } });
}

function decode(from: RoleCounts, to: RoleCounts, asked: readonly [string, number][]) {
  const asks = { replicas: null, roles: new Map(asked) };
  return change(serving(2, from), serving(2, to), { facts: { owner: { name: 'RoleBasedGroupSet/llm/chat', asks } } });
}

function refused(from: number, to: number, asked: number): string {
  return `replicas go from ${from} to ${to}, but ${name} asks for ${asked}; scale ${name} instead`;
}

function roleRefused(described: string, asked: number): string {
  return `${described}, but RoleBasedGroupSet/llm/chat asks for ${asked}; change role decode in RoleBasedGroupSet/llm/chat instead`;
}

const SCALERS = new Map(['prefill', 'decode'].map((role) => [role, `RoleBasedGroupScalingAdapter/llm/chat-${role}`]));

/** A change of decode while both roles have a scaler, which ask for 1 and 4. */
function besideScalers(decodes: number) {
  const asks = {
    replicas: null,
    roles: new Map([
      ['prefill', 1],
      ['decode', 4],
    ]),
  };
  const owner = { name: [...SCALERS.values()].join(', '), asks };
  return change(serving(1, { prefill: 1, decode: 4 }), serving(1, { prefill: 1, decode: decodes }), {
    facts: { owner, scalers: SCALERS },
  });
}

testRule(owned, [
  { name: 'the number that the owner asks for is allowed', change: replicas(4, 6, 6), finds: [] },
  { name: 'one less is refused', change: replicas(6, 5, 6), finds: [refused(6, 5, 6)] },
  { name: 'one more is refused', change: replicas(6, 7, 6), finds: [refused(6, 7, 6)] },
  { name: 'nearer to the number is allowed', change: replicas(2, 4, 6), finds: [] },
  { name: 'further from the number is refused', change: replicas(4, 3, 6), finds: [refused(4, 3, 6)] },
  { name: 'as far on the other side is allowed', change: replicas(5, 7, 6), finds: [] },
  { name: 'further on the other side is refused', change: replicas(5, 8, 6), finds: [refused(5, 8, 6)] },
  { name: 'what is no number is refused', change: replicas(6, Number.NaN, 6), finds: [refused(6, Number.NaN, 6)] },
  { name: 'a count that the owner leaves to others is allowed', change: replicas(4, 3, null), finds: [] },
  {
    name: 'an owner of which nobody can tell what it asks may ask anything',
    change: change(deployment(4), deployment(3), { facts: { owner: { name, asks: null } } }),
    finds: [],
  },
  { name: 'a workload that nobody owns is allowed', change: change(deployment(4), deployment(3)), finds: [] },
  {
    name: 'the replicas of a role that the owner asks for are allowed',
    change: decode({ decode: 2 }, { decode: 4 }, [['decode', 4]]),
    finds: [],
  },
  {
    name: 'other replicas of a role are refused',
    change: decode({ decode: 4 }, { decode: 3 }, [['decode', 4]]),
    finds: [roleRefused('role decode goes from 4 to 3', 4)],
  },
  {
    name: 'of several scalers the one is named whose role it is',
    change: besideScalers(3),
    finds: [
      'role decode goes from 4 to 3, but RoleBasedGroupScalingAdapter/llm/chat-decode asks for 4; ' +
        'scale RoleBasedGroupScalingAdapter/llm/chat-decode instead',
    ],
  },
  {
    name: 'a role that the owner does not ask for is allowed',
    change: decode({ decode: 4, cache: 1 }, { decode: 4, cache: 2 }, [['decode', 4]]),
    finds: [],
  },
  {
    name: 'a role that is taken away is refused',
    change: decode({ prefill: 1, decode: 4 }, { prefill: 1 }, [['decode', 4]]),
    finds: [roleRefused('role decode is removed', 4)],
  },
]);
