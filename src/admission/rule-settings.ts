import type { Config } from '../config/config.ts';
import { milliseconds } from '../config/duration.ts';
import { ORDERING } from '../domain/fleet/annotations.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { cooldown } from '../domain/ordering/cooldown.ts';
import { dependencyOrder } from '../domain/ordering/dependency-order.ts';
import { doomedScaleUp } from '../domain/ordering/doomed-scale-up.ts';
import { fixedRatioMembers } from '../domain/ordering/fixed-ratio-members.ts';
import { gangDeadlock } from '../domain/ordering/gang-deadlock.ts';
import { owned } from '../domain/ordering/owned.ts';
import { pdRatio } from '../domain/ordering/pd-ratio.ts';
import { reversal } from '../domain/ordering/reversal.ts';
import type { Change, Rule, RuleMode } from '../domain/ordering/rule.ts';
import { parseRuleModes } from '../domain/ordering/rule-modes.ts';
import { saneCounts } from '../domain/ordering/sane-counts.ts';
import { scaleDownList } from '../domain/ordering/scale-down-list.ts';
import { vacancy } from '../domain/ordering/vacancy.ts';
import { annotationFor } from '../workloads/owners-above.ts';

/** What the configuration sets of rules besides their modes; times in milliseconds. */
export function limitsOf({ limits }: Config): Pick<Change, 'maxReplicas' | 'cooldown'> {
  return { maxReplicas: limits.maxReplicas, cooldown: milliseconds(limits.cooldown) };
}

/**
 * The mode of each rule: what the workload or what owns it says where the configuration allows it, or else what that
 * says.
 */
export function modesOf(
  workload: Workload,
  snapshot: Snapshot,
  config: Config,
): { modeOf: (rule: Rule) => RuleMode; warnings: readonly string[] } {
  const text = annotationFor(workload, ORDERING, snapshot);
  const configured = (rule: Rule) => config.rules[rule.name] ?? rule.mode;
  if (text === undefined) return { modeOf: configured, warnings: [] };
  if (!config.allowOverrides) {
    return { modeOf: configured, warnings: [`${ORDERING} is set, but the configuration allows no overrides`] };
  }
  const { modes, unknown } = parseRuleModes(text);
  const warnings = unknown.map((part) => `${ORDERING} holds ${part}, which is no rule=enforce|warn|off`);
  return { modeOf: (rule) => modes.get(rule.name) ?? configured(rule), warnings };
}

/** Rules that refuse by what the fleet says of other objects, wherever the change itself is told. */
const BY_OTHERS: readonly Rule[] = [
  ...[owned, fixedRatioMembers, scaleDownList],
  // By what there is of the replicas, and of room for more.
  ...[reversal, cooldown, vacancy, dependencyOrder, doomedScaleUp, gangDeadlock],
];

/**
 * The modes while the fleet cannot be trusted: nothing refuses that needs it. Where the object itself was looked up,
 * that is everything but a count that makes no sense by itself.
 */
export function softened(
  modeOf: (rule: Rule) => RuleMode,
  isLookedUp: boolean,
  isRatioLookedUp: boolean,
): (rule: Rule) => RuleMode {
  const byOthers = isRatioLookedUp ? [...BY_OTHERS, pdRatio] : BY_OTHERS;
  return (rule) => {
    const mode = modeOf(rule);
    const needsFleet = isLookedUp ? rule !== saneCounts : byOthers.includes(rule);
    return mode === 'enforce' && needsFleet ? 'warn' : mode;
  };
}
