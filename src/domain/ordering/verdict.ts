import { isAllZero, isSameShape, replicasOf, withCounts } from './count-changes.ts';
import { areCountedApart, type Counts } from './facts.ts';
import { type Change, countedChange, type Rule, type RuleMode } from './rule.ts';
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
export function judge(asked: Change, modeOf: (rule: Rule) => RuleMode): Verdict {
  const besides = besidesOwnersWill(asked);
  if (isExempt(besides)) return { allowed: true, findings: [] };
  const change = countedChange(besides);
  const findings: Finding[] = [];
  for (const rule of rules) {
    if (isBeside(rule, change)) continue;
    const mode = modeIn(change, rule, modeOf(rule));
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

/** A refusal must have a way out that exists. */
function modeIn(change: Change, { changedTogether }: Rule, mode: RuleMode): RuleMode {
  return mode === 'enforce' && areCountedApart(changedTogether?.(change) ?? [], change.facts) ? 'warn' : mode;
}

function isExempt(change: Change): boolean {
  const { old, next, facts } = change;
  const isUnchanged = isSameShape(old, next) && facts.scaleDownList === null;
  return isUnchanged || isAnybodysGuess(change) || (isAllZero(next) && !isPart(change));
}

/**
 * A gang's minimum of its own, a group that scales it with others, or an owner that asks for some: at zero, the rest is
 * still there.
 */
function isPart({ next, facts: { owner, memberOf } }: Change): boolean {
  const isAskedFor = owner?.passesZero !== true && (owner?.asks?.replicas ?? 0) > 0;
  return next.gangMinimum !== null || memberOf !== null || isAskedFor;
}

/** Whatever comes may be what the owner asks for. */
function isAnybodysGuess({ facts: { owner } }: Change): boolean {
  return owner !== null && owner.asks === null;
}

/**
 * The change without what the owner asks for: that was judged when the owner changed, and refusing it would be tried
 * again for ever. A number that is met excuses nothing that is changed beside it.
 */
function besidesOwnersWill(change: Change): Change {
  const { old, next, facts } = change;
  if (facts.owner === null || facts.owner.asks === null) return change;
  const { asks, roles: given } = facts.owner;
  const met: Counts = {
    replicas: asks.replicas === next.replicas ? asks.replicas : null,
    roles: new Map([...asks.roles].filter(([role, count]) => replicasOf(next, role) === count)),
  };
  const areGiven = given !== undefined && isSameShape({ ...next, roles: given }, next);
  return { ...change, old: { ...withCounts(old, met), ...(areGiven && { roles: next.roles }) } };
}
