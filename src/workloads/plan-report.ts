import { costAnnotation } from '../domain/fleet/cost-write.ts';
import { namespacedName } from '../domain/fleet/namespaced-name.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import type { TargetSet } from '../domain/fleet/target-set.ts';
import { workloadName } from '../domain/fleet/workload.ts';
import { sumScores } from '../domain/score/pod-score.ts';
import type { Departures } from '../domain/victims/plan.ts';
import type { Policy } from '../domain/victims/policies.ts';
import { gpusOf } from './node-worth.ts';
import { type ProvenPlan, STEP } from './scaling.ts';

/** The JSON of `plan -o json` and of GET /plan: a promise to scripts, so every key stays as it is. */
export interface PlanReport {
  readonly policy: Policy;
  readonly requests: readonly { workload: string; role: string | null; from: number; to: number }[];
  readonly victims: readonly {
    workload: string;
    group: string | null;
    role: string | null;
    replica: string | null;
    pods: readonly string[];
    steered: boolean;
    /** Sum of its pods' binpack costs: roleScore or servingGroupScore in Kthena's words. */
    score: number;
  }[];
  /** `kind` is there where not a pod carries the cost but what `pod` then names. */
  readonly costs: readonly { pod: string; kind?: string; annotation: string; from: string | null; to: string }[];
  readonly nodesFreed: readonly string[];
  readonly gpusFreed: number;
  readonly created: readonly string[];
  readonly warnings: readonly string[];
  /** What the same request would free otherwise: under the other policies, and with no packdown at all. */
  readonly alternatives: readonly { policy: Policy | 'none'; nodesFreed: number; gpusFreed: number }[];
  /** Of the freed nodes: their GPUs, or the weights that the configuration gives them. */
  readonly value: number;
  /**
   * No choice frees a higher value; null where a policy chose that does not look at nodes, or nobody knows all that
   * goes.
   */
  readonly bound: number | null;
  /** The version of the target set that the plan started from; null for a cold start. */
  readonly targetSet: string | null;
  /** Only there where the plan waits for the target set: that it may free less now than it could. */
  readonly step?: string;
  /** Only there where nobody knows all that goes: more nodes may become free than are named. */
  readonly undecided?: true;
}

export interface ReportedPlan {
  readonly plan: ProvenPlan;
  readonly policy: Policy;
  /** Plans for the same requests under other policies. */
  readonly others: readonly { readonly policy: Policy; readonly plan: Departures }[];
  readonly targetSet: TargetSet | null;
  /** The binpack cost of a pod on its node. */
  scoreOf(pod: Pod): number;
}

/** The report of a plan, beside what other policies would free. */
export function reportPlan({ plan, policy, others, targetSet, scoreOf }: ReportedPlan): PlanReport {
  return {
    policy,
    requests: plan.requests.map(({ workload, role, from, to }) => ({
      workload: workloadName(workload),
      role,
      from,
      to,
    })),
    victims: plan.victims.map(({ workload, candidate: { name, group, role, pods }, steered }) => ({
      workload: workloadName(workload),
      group,
      role,
      replica: role === null ? null : name,
      pods: byName(pods),
      steered,
      score: sumScores(pods, scoreOf),
    })),
    costs: plan.writes.map(({ carrier, to }) => ({
      pod: namespacedName(carrier),
      ...(carrier.place !== undefined && { kind: carrier.place.kind }),
      annotation: costAnnotation(carrier),
      from: carrier.cost,
      to,
    })),
    nodesFreed: plan.nodesFreed.map(({ name }) => name),
    gpusFreed: gpusIn(plan),
    created: plan.created,
    warnings: [...plan.warnings, ...plan.notes],
    // Of what nobody foresees there is nothing to compare.
    alternatives: (plan.isForeseen ? [...others, { policy: 'none' as const, plan: plan.withoutPackdown() }] : []).map(
      (other) => ({
        policy: other.policy,
        nodesFreed: other.plan.nodesFreed.length,
        gpusFreed: gpusIn(other.plan),
      }),
    ),
    value: plan.value,
    bound: plan.bound,
    targetSet: targetSet?.version ?? null,
    ...(plan.isStep && { step: STEP }),
    ...(!plan.isForeseen && { undecided: true as const }),
  };
}

function gpusIn({ nodesFreed }: Departures): number {
  return nodesFreed.reduce((sum, node) => sum + gpusOf(node), 0);
}

function byName(pods: readonly Pod[]): readonly string[] {
  return pods.map(namespacedName).sort();
}
