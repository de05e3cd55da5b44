import { gangFloor } from './gang-floor.ts';
import { partitionFloor } from './partition-floor.ts';
import { pdBothOrNone } from './pd-both-or-none.ts';
import { pdRatio } from './pd-ratio.ts';
import { roleOrder } from './role-order.ts';
import type { Rule } from './rule.ts';
import { saneCounts } from './sane-counts.ts';
import { scaleWithRollout } from './scale-with-rollout.ts';
import { singleLevel } from './single-level.ts';

/** Every ordering rule, in the order in which they are documented and their findings are told. */
export const rules: readonly Rule[] = [
  saneCounts,
  singleLevel,
  roleOrder,
  gangFloor,
  partitionFloor,
  pdBothOrNone,
  pdRatio,
  scaleWithRollout,
];

export function ruleNamed(name: string): Rule | undefined {
  return rules.find((rule) => rule.name === name);
}
