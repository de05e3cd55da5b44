import type { Config } from '../config/config.ts';
import { milliseconds } from '../config/duration.ts';
import { ORDERING } from '../domain/fleet/annotations.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { pdRatio } from '../domain/ordering/pd-ratio.ts';
import type { Change, Rule, RuleMode } from '../domain/ordering/rule.ts';
import { parseRuleModes } from '../domain/ordering/rule-modes.ts';
import { saneCounts } from '../domain/ordering/sane-counts.ts';
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

/**
 * The modes while the fleet cannot be trusted: nothing refuses that needs it. Where the object itself was looked up,
 * that is everything but a count that makes no sense by itself.
 */
export function softened(
  modeOf: (rule: Rule) => RuleMode,
  isLookedUp: boolean,
  isRatioLookedUp: boolean,
): (rule: Rule) => RuleMode {
  const needsFleet = (rule: Rule) =>
    isLookedUp ? rule !== saneCounts : rule.needsFleet === true || (isRatioLookedUp && rule === pdRatio);
  return (rule) => {
    const mode = modeOf(rule);
    return mode === 'enforce' && needsFleet(rule) ? 'warn' : mode;
  };
}
