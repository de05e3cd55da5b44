import type { Rule } from './rule.ts';
import { describeChange } from './wording.ts';

export const scaleWithRollout: Rule = {
  name: 'scale-with-rollout',
  mode: 'warn',
  refuses: 'replicas and pod template changed in one update',
  why: 'The rollout replaces pods while the scaling deletes or creates some, so neither can be steered, or undone without the other.',

  judge({ next, rollout, scalings }) {
    if (!rollout || scalings.length === 0) return [];
    const described = scalings.map((change) => describeChange(change, next)).join(', ');
    return [
      `${described}, and the pod template changes in the same update; scale first, then roll out in another update`,
    ];
  },
};
