import type { Workload } from '../fleet/workload.ts';
import type { Rule } from './rule.ts';
import { counted, groupNoun } from './wording.ts';

export const partitionFloor: Rule = {
  name: 'partition-floor',
  mode: 'enforce',
  refuses: 'fewer groups than the partition protects, except none at all',
  why: 'Groups that the partition holds at their revision would be deleted, and would come back at whatever revision is then current.',

  /**
   * None at all is allowed, and fewer than that is left to sane-counts. Where no group goes, a partition above the count
   * only freezes a rollout.
   */
  judge({ old, next }) {
    const missing = shortfall(next);
    if (!(next.replicas > 0 && next.replicas < old.replicas && missing > 0) || missing <= shortfall(old)) return [];
    const noun = groupNoun(next);
    // A partition above the count, as a rollout is frozen, cannot be met.
    const kept = Math.min(old.replicas, protectedBy(next));
    return [
      `there would be ${counted(next.replicas, noun)}, the partition protects ${protectedBy(next)}; ` +
        `keep ${counted(kept, noun)}, scale to 0, or lower the partition`,
    ];
  },
};

/** How many of the protected groups do not exist; NaN for a count that is no number. */
function shortfall(workload: Workload): number {
  return Math.max(0, protectedBy(workload) - workload.replicas);
}

/** A percentage is taken of the count that it would have to protect, so no count is ever below it. */
function protectedBy({ partition }: Workload): number {
  return partition?.kind === 'int' ? partition.value : 0;
}
