import type { Rule } from './rule.ts';
import { groupNoun } from './wording.ts';

export const saneCounts: Rule = {
  name: 'sane-counts',
  mode: 'enforce',
  refuses: 'a negative count, a count over limits.maxReplicas, a count that is no whole number',
  why: 'A slip of the keyboard or a broken metric would order thousands of GPUs, or what no controller can carry out.',

  judge({ next, counts, maxReplicas }) {
    return counts.flatMap(({ role, from, to }) => {
      const fault = to === null ? null : newFault(from ?? 0, to, maxReplicas);
      if (fault === null) return [];
      const subject = role === null ? `the number of ${groupNoun(next)}s` : `the number of replicas of role ${role}`;
      return [`${subject} would be ${fault}`];
    });
  },
};

/** What is wrong with a count and was not as wrong before, with the way out. */
function newFault(before: number, count: number, maxReplicas: number): string | null {
  const wayOut = `give a whole number from 0 to ${maxReplicas}`;
  if (!Number.isInteger(count) && Number.isInteger(before)) {
    return Number.isNaN(count) ? `no number; ${wayOut}` : `${count}, which is no whole number; ${wayOut}`;
  }
  if (count < 0 && !(before <= count)) return `${count}, which is negative; ${wayOut}`;
  if (count > maxReplicas && !(before >= count)) {
    return `${count}, the maximum is ${maxReplicas}; ${wayOut}, or raise limits.maxReplicas`;
  }
  return null;
}
