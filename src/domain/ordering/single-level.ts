import { countChanges, isAllZero } from './count-changes.ts';
import type { Rule } from './rule.ts';
import { describeChange } from './wording.ts';

export const singleLevel: Rule = {
  name: 'single-level',
  mode: 'enforce',
  refuses: 'group replicas and role replicas changed in one update',
  why: 'The controller takes groups first and roles after, so role replicas are deleted from, or created in, groups that come or go at the same time.',
  looksAt: 'roles',

  /** From zero at both levels nothing runs that an order could matter to: coming back is one update, as going there was. */
  judge({ old, next }) {
    const changes = countChanges(old, next);
    const bothLevels = changes.some(({ role }) => role === null) && changes.some(({ role }) => role !== null);
    if (!bothLevels || isAllZero(old)) return [];
    const described = changes.map((change) => describeChange(change, next)).join(', ');
    return [`${described}, all in one update; change the groups first, then the roles in another update`];
  },
};
