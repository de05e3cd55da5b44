import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';

/**
 * Who rolls from one ReplicaSet to the next, and the prefix of what they note on these: Argo Rollouts
 * (`utils/annotations/annotations.go`) does as the Deployment controller does.
 */
const ROLLERS = [
  { group: 'apps', kind: 'Deployment', prefix: 'deployment.kubernetes.io' },
  { group: 'argoproj.io', kind: 'Rollout', prefix: 'rollout.argoproj.io' },
] as const;

/** What is noted on a ReplicaSet by whoever rolls from it to the next, or to it. */
export interface Rolled {
  /** The kind of who does. */
  readonly by: string;
  /**
   * What that last wanted of all its ReplicaSets together: it changes when they are scaled, not when they roll.
   * Undefined where nobody says so.
   */
  readonly desired: string | undefined;
  /** Which of the rollouts it is of, counted from 1; 0 where nobody says so. */
  readonly rollout: number;
}

/** Null for a ReplicaSet that stands alone, or of somebody who is not known to roll. */
export function rolledOf({ owner, annotations }: Workload): Rolled | null {
  const roller = ROLLERS.find(({ group, kind }) => owner?.kind === kind && owner.apiVersion.startsWith(`${group}/`));
  if (roller === undefined) return null;
  const { kind, prefix } = roller;
  const rollout = Number(annotations[`${prefix}/revision`] ?? 0);
  return { by: kind, desired: annotations[`${prefix}/desired-replicas`], rollout };
}

/** The other ReplicaSets of its owner, whose uid is given. */
export function siblingsOf({ uid }: Workload, ownerUid: string, snapshot: Snapshot): readonly Workload[] {
  return snapshot.workloadsOf(ownerUid).filter((other) => other.uid !== uid);
}

/** Whether the others of its owner are all of earlier rollouts. */
export function isNewest(replicaSet: Workload, others: readonly Workload[]): boolean {
  return others.every((other) => rolloutOf(other) < rolloutOf(replicaSet));
}

function rolloutOf(replicaSet: Workload): number {
  return rolledOf(replicaSet)?.rollout ?? 0;
}
