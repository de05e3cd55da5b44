import type { Rule } from './rule.ts';
import { describeChange } from './wording.ts';

export const singleLevel: Rule = {
  name: 'single-level',
  mode: 'enforce',
  refuses: 'group replicas and role replicas changed in one update, except from or to no groups at all',
  why: 'The controller takes groups first and roles after, so role replicas are deleted from, or created in, groups that come or go at the same time.',
  looksAt: 'roles',

  /** Without groups, before or after, no role replica runs that an order could matter to. */
  judge({ old, next, counts, facts }) {
    if (old.replicas === 0 || next.replicas === 0 || facts.rolesAreTemplates) return [];
    const bothLevels = counts.some(({ role }) => role === null) && counts.some(({ role }) => role !== null);
    if (!bothLevels) return [];
    const described = counts.map((change) => describeChange(change, next)).join(', ');
    return [`${described}, all in one update; change the groups first, then the roles in another update`];
  },
};
