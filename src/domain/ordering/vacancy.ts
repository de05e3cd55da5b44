import type { Rule } from './rule.ts';
import { abridged, describeChange } from './wording.ts';

export const vacancy: Rule = {
  name: 'vacancy',
  mode: 'warn',
  refuses: 'a scale-up while replicas of lower ordinals are still missing',
  why: 'The lowest missing ordinals are created first: what hinders them hinders the new ones too.',
  needsFleet: true,

  judge({ next, scalings, facts }) {
    return scalings.flatMap((change) => {
      const missing = facts.observed.get(change.role)?.missing ?? [];
      if (missing.length === 0 || !(change.to > change.from)) return [];
      return [
        `${describeChange(change, next)} while ${abridged(missing)} ${missing.length === 1 ? 'is' : 'are'} still missing; ` +
          'wait until nothing is, or see what hinders it',
      ];
    });
  },
};
