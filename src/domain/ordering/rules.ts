import { cooldown } from './cooldown.ts';
import { dependencyGraph } from './dependency-graph.ts';
import { dependencyOrder } from './dependency-order.ts';
import { dependencyZero } from './dependency-zero.ts';
import { doomedScaleUp } from './doomed-scale-up.ts';
import { fixedRatioMembers } from './fixed-ratio-members.ts';
import { gangDeadlock } from './gang-deadlock.ts';
import { gangFloor } from './gang-floor.ts';
import { hpaAnchor } from './hpa-anchor.ts';
import { owned } from './owned.ts';
import { partitionFloor } from './partition-floor.ts';
import { partitionShift } from './partition-shift.ts';
import { pdBothOrNone } from './pd-both-or-none.ts';
import { pdRatio } from './pd-ratio.ts';
import { reversal } from './reversal.ts';
import { roleOrder } from './role-order.ts';
import { roleUnderPartition } from './role-under-partition.ts';
import type { Rule } from './rule.ts';
import { saneCounts } from './sane-counts.ts';
import { scaleDownList } from './scale-down-list.ts';
import { scaleWithRollout } from './scale-with-rollout.ts';
import { singleLevel } from './single-level.ts';
import { vacancy } from './vacancy.ts';
import { workerResize } from './worker-resize.ts';

/** Every ordering rule, in the order in which they are documented and their findings are told. */
export const rules: readonly Rule[] = [
  saneCounts,
  singleLevel,
  roleOrder,
  gangFloor,
  partitionFloor,
  partitionShift,
  roleUnderPartition,
  pdBothOrNone,
  pdRatio,
  dependencyZero,
  dependencyGraph,
  dependencyOrder,
  scaleDownList,
  fixedRatioMembers,
  doomedScaleUp,
  owned,
  hpaAnchor,
  scaleWithRollout,
  reversal,
  cooldown,
  workerResize,
  gangDeadlock,
  vacancy,
];

/** Undefined for a name that no rule has. */
export function ruleNamed(name: string): Rule | undefined {
  return rules.find((rule) => rule.name === name);
}
