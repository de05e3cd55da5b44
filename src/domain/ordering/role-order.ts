import { roleOrderOf } from './count-changes.ts';
import type { Rule } from './rule.ts';

export const roleOrder: Rule = {
  name: 'role-order',
  mode: 'enforce',
  refuses: 'roles reordered, or roles[0] replaced, while groups exist, of kinds to which their order matters',
  why: 'Another order of roles is another revision, which rolls every group, and the selector that HPA reads of a Kthena group follows roles[0].',
  looksAt: 'roles',

  judge({ old, next, facts }) {
    if (!(old.replicas > 0 && next.replicas > 0)) return [];
    const before = roleOrderOf(old);
    const after = roleOrderOf(next);
    const keptBefore = before.filter((name) => after.includes(name)).join(', ');
    const keptAfter = after.filter((name) => before.includes(name)).join(', ');
    const selector = facts.anchorRole === null ? '' : ' and the HPA selector follows roles[0]';
    const wayOut = `every group would be rolled${selector}; keep the order`;
    if (keptBefore !== keptAfter) {
      return [`the roles ${keptBefore} would be reordered to ${keptAfter}: ${wayOut}, or scale to 0 groups first`];
    }
    const first = before[0];
    if (first === undefined || first === after[0]) return [];
    return [
      `roles[0] would be ${after[0] ?? 'gone'} instead of ${first}: ${wayOut} and add roles at the end, or scale to 0 groups first`,
    ];
  },
};
