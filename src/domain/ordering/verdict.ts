import type { Workload } from '../fleet/workload.ts';
import { countChanges, isAllZero } from './count-changes.ts';
import type { Change, Rule, RuleMode } from './rule.ts';
import { rules } from './rules.ts';

export interface Finding {
  readonly rule: string;
  readonly mode: Exclude<RuleMode, 'off'>;
  /** `<rule>: <sentence>`, as users see it. */
  readonly message: string;
}

export interface Verdict {
  readonly allowed: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Judges a change by every rule that is not off, and tells all findings at once; one that is enforced denies. Never
 * refused: a change of no count, and both levels going to zero together.
 */
export function judge(change: Change, modeOf: (rule: Rule) => RuleMode): Verdict {
  const findings = isExempt(change) ? [] : rules.flatMap((rule) => findingsOf(rule, modeOf(rule), change));
  return { allowed: findings.every(({ mode }) => mode !== 'enforce'), findings };
}

function findingsOf(rule: Rule, mode: RuleMode, change: Change): readonly Finding[] {
  if (mode === 'off') return [];
  return rule.judge(change).map((sentence) => ({ rule: rule.name, mode, message: `${rule.name}: ${sentence}` }));
}

function isExempt({ old, next }: Change): boolean {
  return isAllZero(next) || (countChanges(old, next).length === 0 && rolesInOrder(old) === rolesInOrder(next));
}

function rolesInOrder(workload: Workload): string {
  return workload.roles.map(({ name }) => name).join('\n');
}
