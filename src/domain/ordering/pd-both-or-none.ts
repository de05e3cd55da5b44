import type { RoleRatio } from '../fleet/ratio-policy.ts';
import type { Workload } from '../fleet/workload.ts';
import { replicasOf } from './count-changes.ts';
import { areCountedApart, type Facts } from './facts.ts';
import type { Rule } from './rule.ts';
import { bothToZero, counted, scalerOf } from './wording.ts';

type Pair = readonly [string, string];

const USUAL_PAIR: Pair = ['prefill', 'decode'];

export const pdBothOrNone: Rule = {
  name: 'pd-both-or-none',
  mode: 'enforce',
  refuses: 'one side of a prefill/decode pair at zero while the other is not',
  why: 'Prefill without decode, or decode without prefill, answers no request and holds its GPUs.',
  looksAt: 'roles',

  changedTogether: ({ ratio }) => pairOf(ratio),

  judge({ old, next, ratio, facts }) {
    const pair = pairOf(ratio);
    const half = halfPair(next, pair);
    if (half === null || half.absent === halfPair(old, pair)?.absent) return [];
    const { absent, present, replicas } = half;
    return [
      `role ${absent} would have 0 replicas per group and role ${present} ${counted(replicas, 'replica')}; ` +
        wayOut(half, old, facts),
    ];
  },
};

function pairOf(ratio: RoleRatio | null): Pair {
  return ratio === null ? USUAL_PAIR : [ratio.numerator, ratio.denominator];
}

function wayOut({ absent, present }: HalfPair, old: Workload, facts: Facts): string {
  if (!areCountedApart([absent, present], facts)) return bothToZero(absent);
  const isOnItsWayOut = (replicasOf(old, absent) ?? 0) > 0;
  return isOnItsWayOut
    ? `scale ${scalerOf(present, facts)} to 0 as well`
    : `scale ${scalerOf(absent, facts)} to 1 or more as well`;
}

interface HalfPair {
  readonly absent: string;
  readonly present: string;
  /** Of the side that is present. */
  readonly replicas: number;
}

/** One side at zero and the other above; null for a pair that is whole, all zero, or not there. */
function halfPair(workload: Workload, [one, other]: Pair): HalfPair | null {
  const ofOne = replicasOf(workload, one);
  const ofOther = replicasOf(workload, other);
  if (ofOne === null || ofOther === null) return null;
  if (ofOne === 0 && ofOther > 0) return { absent: one, present: other, replicas: ofOther };
  return ofOther === 0 && ofOne > 0 ? { absent: other, present: one, replicas: ofOne } : null;
}
