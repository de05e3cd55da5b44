import { deployment, type Subject, servingGroups, servingRole } from './subjects.ts';

const pair = [{ name: 'prefill' }, { name: 'decode', workers: 1 }];

/** Bound before packdown was there, and by choice never stamped afterwards: their pods start without a cost. */
const bare = { namespace: 'older' };
/** Bound with packdown: every pod carries its binpack cost. */
const stamped = { namespace: 'llm' };

export const barePods: Subject[] = [
  servingGroups({ ...bare, name: 'chat', roles: pair, least: 1, most: 5 }),
  servingGroups({
    ...bare,
    name: 'code',
    roles: [{ name: 'serve', workers: 2 }],
    policy: 'binpack',
    least: 1,
    most: 5,
  }),
  servingRole({ ...bare, name: 'pool', roles: pair, groups: 2, least: 1, most: 4 }),
  deployment({ ...bare, name: 'web', least: 2, most: 8 }),
];

export const stampedPods: Subject[] = [
  servingGroups({ ...stamped, name: 'chat', roles: pair, least: 1, most: 6 }),
  servingGroups({
    ...stamped,
    name: 'code',
    roles: [{ name: 'serve', workers: 4 }],
    policy: 'ordinal',
    entriesFirst: true,
    least: 1,
    most: 5,
  }),
  servingGroups({ ...stamped, name: 'safe', roles: pair, policy: 'ordinal', partition: 1, least: 1, most: 4 }),
  servingRole({ ...stamped, name: 'pool', roles: pair, groups: 2, policy: 'binpack', least: 1, most: 4 }),
  servingRole({ ...stamped, name: 'edge', roles: pair, groups: 1, policy: 'ordinal', least: 2, most: 6 }),
  deployment({ ...stamped, name: 'web', least: 1, most: 10 }),
  deployment({ ...stamped, name: 'embed', gpus: 2, policy: 'ordinal', least: 1, most: 7 }),
];

/** Applied at its most; it has its surge once its rollout is paused. */
export const rolling = deployment({ ...stamped, name: 'rolling', surge: 3, least: 4, most: 8 });

/** Groups that somebody keeps by costs that are lower than packdown's: what goes must go below them, and stay there. */
export const keptGroups = { namespace: 'llm', names: ['chat-0', 'code-0'], cost: 5 };
