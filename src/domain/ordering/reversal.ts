import type { Observed } from './facts.ts';
import type { Rule } from './rule.ts';
import { counted, describeChange, replicaNoun } from './wording.ts';

export const reversal: Rule = {
  name: 'reversal',
  mode: 'warn',
  refuses: 'a scale-up while the scale-down before it is still deleting, or the other way round',
  why: 'What is on its way out still holds its GPUs, what is on its way in is deleted first: turning round loses both.',
  needsFleet: true,

  judge({ next, scalings, facts }) {
    return scalings.flatMap((change) => {
      const seen = facts.observed.get(change.role);
      if (seen === undefined) return [];
      const noun = replicaNoun(change.role, next);
      const leaving = goingOut(seen);
      if (change.to > change.from && leaving > 0) {
        return [
          `${describeChange(change, next)} while ${counted(leaving, noun)} of the scale-down before ${are(leaving)} still being deleted; ` +
            'wait until that is done',
        ];
      }
      const coming = comingIn(seen);
      if (change.to < change.from && coming > 0) {
        return [
          `${describeChange(change, next)} while ${counted(coming, noun)} of ${seen.wanted} ${are(coming)} still on the way in; ` +
            'wait until that is done',
        ];
      }
      return [];
    });
  },
};

/** What is beyond the wanted count: the rest of what is being deleted comes back, as in a rollout. */
function goingOut({ wanted, present, deleting }: Observed): number {
  return Math.min(deleting, Math.max(0, present + deleting - wanted));
}

function comingIn({ wanted, present, starting }: Observed): number {
  return Math.max(0, wanted - present) + starting;
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}
