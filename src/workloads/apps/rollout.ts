import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';

/**
 * On ReplicaSets: what the Deployment controller last wanted of all of them together. It changes when the Deployment is
 * scaled, not when it rolls.
 */
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
/** On a Deployment and its ReplicaSets: which of its rollouts they are of, counted from 1. */
const ROLLOUT = 'deployment.kubernetes.io/revision';

/** The other ReplicaSets of its Deployment, whose uid is given. */
export function siblingsOf({ uid }: Workload, deploymentUid: string, snapshot: Snapshot): readonly Workload[] {
  return snapshot.workloadsOf(deploymentUid).filter((other) => other.uid !== uid);
}

/** Whether the others of its Deployment are all of earlier rollouts. */
export function isNewest(replicaSet: Workload, others: readonly Workload[]): boolean {
  return others.every((other) => rolloutOf(other) < rolloutOf(replicaSet));
}

function rolloutOf({ annotations }: Workload): number {
  return Number(annotations[ROLLOUT] ?? 0);
}
