import type { Counts } from './facts.ts';
import type { Rule } from './rule.ts';
import { describeChange } from './wording.ts';

export const owned: Rule = {
  name: 'owned',
  mode: 'enforce',
  refuses: 'a count that differs from what the owner of the object asks for, unless nearer to it than before',
  why: "The owner's controller sets its own number again: replicas are deleted and created for nothing.",
  needsFleet: true,

  judge({ next, counts, facts: { owner, scalers } }) {
    if (owner === null || owner.asks === null) return [];
    const { asks } = owner;
    return counts.flatMap((change) => {
      const asked = askedFor(change.role, asks);
      if (asked === null || !isFurther(change.to, change.from, asked)) return [];
      const scaler = scalers.get(change.role ?? '');
      const name = scaler ?? owner.name;
      // A count of the owner's own changes no role.
      const isOfRole = change.role !== null && scaler === undefined;
      const wayOut = isOfRole ? `change role ${change.role} in ${name} instead` : `scale ${name} instead`;
      return [`${describeChange(change, next)}, but ${name} asks for ${asked}; ${owner.wayOut ?? wayOut}`];
    });
  },
};

/** What the owner asks of a role, or of the workload's own count; null where it leaves that to others. */
function askedFor(role: string | null, { replicas, roles }: Counts): number | null {
  return role === null ? replicas : (roles.get(role) ?? null);
}

/** A count that is gone is as far off as the owner's number, one that is no number further than any. */
function isFurther(to: number | null, from: number | null, asked: number): boolean {
  return !(Math.abs((to ?? 0) - asked) <= Math.abs((from ?? 0) - asked));
}
