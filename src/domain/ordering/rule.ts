import type { RoleRatio } from '../fleet/ratio-policy.ts';
import type { Workload } from '../fleet/workload.ts';
import { type CountChange, countChanges, type Scaling, scalingsAmong } from './count-changes.ts';
import type { Facts } from './facts.ts';

export const RULE_MODES = ['enforce', 'warn', 'off'] as const;
export type RuleMode = (typeof RULE_MODES)[number];

/** A change of replicas, before and after, in the domain's words. */
export interface Change {
  readonly old: Workload;
  readonly next: Workload;
  /** Whether the update also changes what pods look like, and so replaces them. */
  readonly rollout: boolean;
  /** The declared ratio of two roles of `next`, or null. */
  readonly ratio: RoleRatio | null;
  /** The highest count that the configuration allows. */
  readonly maxReplicas: number;
  /** The shortest time between a scale-up and a scale-down that the configuration allows, in milliseconds. */
  readonly cooldown: number;
  readonly facts: Facts;
}

/** A change as rules judge it: with the counts in it, which most of them go through. */
export interface CountedChange extends Change {
  /** Those that differ. */
  readonly counts: readonly CountChange[];
  /** Those of them that are scaled. */
  readonly scalings: readonly Scaling[];
}

/** The change, its counts worked out. */
export function countedChange(change: Change): CountedChange {
  const counts = countChanges(change.old, change.next);
  return { ...change, counts, scalings: scalingsAmong(counts) };
}

/**
 * One ordering rule. `judge` returns a sentence for every violation that the change brings or makes worse: what it is,
 * the numbers, and the way out. A change that leaves a violation no worse than it was is not refused.
 */
export interface Rule {
  readonly name: string;
  readonly mode: RuleMode;
  /** What it refuses, as a clause for the list of rules. */
  readonly refuses: string;
  /** Why that would hurt. */
  readonly why: string;
  /** What must have changed for it to find anything: it is not asked where `roles` is the same list as before. */
  readonly looksAt?: 'roles';
  /** Whether it refuses by what the fleet says of other objects, of the replicas that there are, or of room for more. */
  readonly needsFleet?: boolean;
  /**
   * The roles that its way out changes in one update. Where something else counts one of them in the workload's place
   * there is no such update: then it only warns, for a refusal would have no way out.
   */
  changedTogether?(change: Change): readonly string[];
  judge(change: CountedChange): readonly string[];
}
