import type { Fraction, RoleRatio } from '../fleet/ratio-policy.ts';
import type { Workload } from '../fleet/workload.ts';
import { replicasOf } from './count-changes.ts';
import { areCountedApart } from './facts.ts';
import { compareFractions, distanceTo, fittingCounts, formatBounds } from './role-ratio.ts';
import type { Change, Rule } from './rule.ts';
import { scalerOf } from './wording.ts';

export const pdRatio: Rule = {
  name: 'pd-ratio',
  mode: 'enforce',
  refuses: 'a state outside the declared ratio of two roles, unless nearer to it than before',
  why: 'The smaller side becomes the bottleneck and the GPUs of the larger one idle.',

  looksAt: 'roles',

  changedTogether: ({ ratio }) => (ratio === null ? [] : [ratio.numerator, ratio.denominator]),

  /** A state with a side at zero is left to pd-both-or-none. */
  judge(change) {
    const { old, next, ratio } = change;
    if (ratio === null) return [];
    const { numerator, denominator } = ratio;
    const after = distance(next, ratio);
    if (after === null || after.over === 0n) return [];
    const over = replicasOf(next, numerator);
    const under = replicasOf(next, denominator);
    if (over === 0 || under === 0) return [];
    const before = distance(old, ratio);
    if (before !== null && compareFractions(after, before) <= 0) return [];
    return [
      `${numerator}:${denominator} would be ${over}:${under} per group, the declared ratio is ${formatBounds(ratio)}; ` +
        `${wayOut(change, ratio)}, or change the ratio`,
    ];
  },
};

function wayOut({ old, next, facts }: Change, ratio: RoleRatio): string {
  const { numerator, denominator } = ratio;
  if (!areCountedApart([numerator, denominator], facts)) return 'change both roles in one update so that they fit it';
  const isOfNumerator = replicasOf(old, numerator) !== replicasOf(next, numerator);
  const [changed, other] = isOfNumerator ? [numerator, denominator] : [denominator, numerator];
  const count = replicasOf(next, changed) ?? 0;
  const fitting = fittingCounts(ratio, changed, count);
  return fitting === null
    ? `no count of ${other} fits ${count} of ${changed}, so scale both of them on`
    : `scale ${scalerOf(other, facts)} to ${fitting} as well`;
}

/** `distanceTo` of the two roles' counts; null for a pair that has no ratio: not there, all zero, or no counts. */
function distance(workload: Workload, ratio: RoleRatio): Fraction | null {
  const over = replicasOf(workload, ratio.numerator);
  const under = replicasOf(workload, ratio.denominator);
  if (!isCount(over) || !isCount(under) || (over === 0 && under === 0)) return null;
  return distanceTo(ratio, over, under);
}

function isCount(count: number | null): count is number {
  return count !== null && Number.isInteger(count) && count >= 0;
}
