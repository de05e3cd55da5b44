import type { Workload } from '../fleet/workload.ts';
import { replicasOf } from './count-changes.ts';
import type { Rule } from './rule.ts';

export const hpaAnchor: Rule = {
  name: 'hpa-anchor',
  mode: 'warn',
  refuses: 'roles[0] of a Kthena group to zero while others stay',
  why: 'Kthena pins the selector that HPA reads to the first replica of roles[0]: without it HPA selects nothing and stops scaling.',
  looksAt: 'roles',

  judge({ old, next, facts: { anchorRole } }) {
    if (anchorRole === null || !isAdrift(next, anchorRole) || isAdrift(old, anchorRole)) return [];
    return [
      `role ${anchorRole} would have 0 replicas per group while others stay, and HPA's selector hangs on ${anchorRole}-0; ` +
        `keep at least 1 replica of ${anchorRole}, or scale every role to 0`,
    ];
  },
};

function isAdrift(workload: Workload, anchor: string): boolean {
  return replicasOf(workload, anchor) === 0 && workload.roles.some(({ replicas }) => replicas > 0);
}
