import { POD_DELETION_COST } from '../domain/fleet/annotations.ts';
import { type Pod, podKey } from '../domain/fleet/pod.ts';
import type { TargetSet } from '../domain/fleet/target-set.ts';
import { workloadName } from '../domain/fleet/workload.ts';
import type { Policy } from '../domain/victims/policies.ts';
import { gpusOf, type ScalingPlan } from './scaling.ts';

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
    score: number;
  }[];
  readonly costs: readonly { pod: string; annotation: string; from: string | null; to: string }[];
  readonly nodesFreed: readonly string[];
  readonly gpusFreed: number;
  readonly created: readonly string[];
  readonly warnings: readonly string[];
  /** The version of the target set that the plan started from; null for a cold start. */
  readonly targetSet: string | null;
}

export function reportPlan(plan: ScalingPlan, policy: Policy, targetSet: TargetSet | null): PlanReport {
  return {
    policy,
    requests: plan.requests.map(({ workload, role, from, to }) => ({
      workload: workloadName(workload),
      role,
      from,
      to,
    })),
    victims: plan.victims.map(({ workload, candidate: { group, role, replica, pods }, steered, score }) => ({
      workload: workloadName(workload),
      group,
      role,
      replica,
      pods: byName(pods),
      steered,
      score,
    })),
    costs: plan.writes.map(({ pod, to }) => ({ pod: podKey(pod), annotation: POD_DELETION_COST, from: pod.cost, to })),
    nodesFreed: plan.nodesFreed.map(({ name }) => name),
    gpusFreed: plan.nodesFreed.reduce((sum, node) => sum + gpusOf(node), 0),
    created: plan.created,
    warnings: plan.warnings,
    targetSet: targetSet?.version ?? null,
  };
}

function byName(pods: readonly Pod[]): readonly string[] {
  return pods.map(podKey).sort();
}
