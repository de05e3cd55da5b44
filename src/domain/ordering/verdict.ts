import { type CountChange, countChanges, isAllZero, isSameShape, replicasOf } from './count-changes.ts';
import { askedFor } from './owned.ts';
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
 * refused: a change of nothing that is judged, both levels going to zero together, and what the owner asks for.
 */
export function judge(change: Change, modeOf: (rule: Rule) => RuleMode): Verdict {
  const findings: Finding[] = [];
  for (const rule of isExempt(change) ? [] : rules) {
    if (isBeside(rule, change)) continue;
    const mode = modeOf(rule);
    if (mode === 'off') continue;
    for (const sentence of rule.judge(change)) {
      findings.push({ rule: rule.name, mode, message: `${rule.name}: ${sentence}` });
    }
  }
  return { allowed: findings.every(({ mode }) => mode !== 'enforce'), findings };
}

/** Whether the change is of something that the rule does not look at: most are of one count. */
function isBeside({ looksAt }: Rule, { old, next }: Change): boolean {
  return looksAt === 'roles' && old.roles === next.roles;
}

function isExempt(change: Change): boolean {
  const { old, next, facts } = change;
  const isUnchanged = isSameShape(old, next) && facts.scaleDownList === null;
  return isUnchanged || isOwnersWill(change) || (isAllZero(next) && !isPart(change));
}

/** A gang's minimum of its own, or a group that scales it with others: at zero, the rest is still there. */
function isPart({ next, facts }: Change): boolean {
  return next.gangMinimum !== null || facts.memberOf !== null;
}

/** What the owner asks for was judged when the owner changed, and refusing it would be tried again for ever. */
function isOwnersWill({ old, next, facts: { owner } }: Change): boolean {
  if (owner === null) return false;
  const { asks } = owner;
  if (asks === null) return true;
  const asked = [...asks.roles.keys(), null].filter((role) => askedFor(role, asks) !== null);
  if (asked.length === 0) return false;
  const isMet = (role: string | null) =>
    (role === null ? next.replicas : replicasOf(next, role)) === askedFor(role, asks);
  // One number that is met excuses no other count that is changed beside it.
  const isAsked = ({ role, to }: CountChange) =>
    to === null ? next.roles.every(({ name }) => asks.roles.has(name)) : isMet(role);
  return asked.every(isMet) && countChanges(old, next).every(isAsked);
}
