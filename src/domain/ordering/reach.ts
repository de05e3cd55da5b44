import type { Workload } from '../fleet/workload.ts';
import { withCounts } from './count-changes.ts';
import type { Counts } from './facts.ts';
import type { Change, Rule, RuleMode } from './rule.ts';
import { judge } from './verdict.ts';

/** A state that an autoscaler may ask for in vain. */
export interface Refusal {
  readonly at: Counts;
  readonly rule: string;
  /** `<rule>: <sentence>`, as whoever asks for it will be told. */
  readonly message: string;
}

/** All of a change but what it is from and to. */
export type Circumstances = Omit<Change, 'old' | 'next' | 'rollout'>;

/**
 * What is refused of changes between these states and from the one that the workload is in: where it stands now may be
 * no better than where it will be brought. Of each rule only the first state that it refuses, with all that it says.
 */
export function refusedWithin(
  workload: Workload,
  states: readonly Counts[],
  circumstances: Circumstances,
  modeOf: (rule: Rule) => RuleMode,
): readonly Refusal[] {
  const reached = states.map((at) => ({ at, next: withCounts(workload, at) }));
  const begins = [workload, ...reached.map(({ next }) => next)];
  const refusals: Refusal[] = [];
  for (const { at, next } of reached) {
    for (const old of begins) {
      const { findings } = judge({ ...circumstances, old, next, rollout: false }, modeOf);
      const told = new Set(refusals.map(({ rule }) => rule));
      const refused = findings.filter(({ rule, mode }) => mode === 'enforce' && !told.has(rule));
      refusals.push(...refused.map(({ rule, message }) => ({ at, rule, message })));
    }
  }
  return refusals;
}
