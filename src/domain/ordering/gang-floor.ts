import type { Role, Workload } from '../fleet/workload.ts';
import type { Rule } from './rule.ts';
import { counted, groupNoun } from './wording.ts';

export const gangFloor: Rule = {
  name: 'gang-floor',
  mode: 'enforce',
  refuses: "a role below its gang's minimum, a Grove set or scaling group below minAvailable",
  why: 'A gang that cannot be complete does not start: the groups would hold GPUs and serve nothing.',

  judge({ old, next }) {
    const roles = next.roles.flatMap((role) => {
      const { name, replicas, gangMinimum } = role;
      const before = old.roles.find((candidate) => candidate.name === name);
      const missing = shortfall(role);
      if (!(missing > 0) || (before !== undefined && missing <= shortfall(before))) return [];
      return [
        `role ${name} would have ${counted(replicas, 'replica')} per group, its gang needs ${gangMinimum}; ` +
          'scale groups instead, or create it anew with a smaller gang',
      ];
    });
    const missing = shortfall(next);
    if (!(missing > 0) || missing <= shortfall(old)) return roles;
    const { replicas, gangMinimum } = next;
    return [
      `there would be ${counted(replicas, groupNoun(next))}, its gang needs ${gangMinimum}; keep ${gangMinimum}, or scale what it is a part of`,
      ...roles,
    ];
  },
};

/** How many replicas the gang is short of; 0 when complete or without a minimum, NaN for a count that is no number. */
function shortfall({ gangMinimum, replicas }: Role | Workload): number {
  return gangMinimum === null ? 0 : Math.max(0, gangMinimum - replicas);
}
