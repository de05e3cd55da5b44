import { FLOOR } from '../domain/fleet/annotations.ts';
import type { AutoscalerOf } from '../domain/fleet/autoscaler.ts';
import { type Floor, floorOf } from '../domain/fleet/floor.ts';
import { type Lows, lowestSeen } from '../domain/fleet/lows.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Role, roleId, type Workload, type WorkloadKey, workloadId } from '../domain/fleet/workload.ts';
import { replicaSetAdapter } from './apps/replica-set.ts';
import { keyOf, scaledWith } from './owners-above.ts';

/**
 * The lowest count of a workload, or of a role of it, at this time of the last days; null where it was not seen for
 * long enough.
 */
export type SeenLow = (workload: Workload, role?: string) => number | null;

/** What the lows say of a workload now, in milliseconds since the epoch; nothing while there are none. */
export function seenIn(lows: Lows | null, now: number): SeenLow {
  return (workload, role) => {
    const id = role === undefined ? workloadId(workload) : roleId(workload, role);
    return lows === null ? null : lowestSeen(lows, id, now);
  };
}

/**
 * How far a workload's own count is expected to shrink, and how that is known. A KEDA ScaledObject needs nothing of its
 * own: KEDA makes a HorizontalPodAutoscaler of it.
 */
export function floorOfWorkload(workload: Workload, snapshot: Snapshot, seenLow: SeenLow): Floor {
  const { replicas, partition, gangMinimum } = workload;
  const scaled = scaledWith(workload, snapshot);
  const above = resizedBy(workload);
  const autoscaled = above === null ? [workload] : [workload, above];
  return floorOf({
    replicas,
    annotation: scaled.annotations[FLOOR],
    autoscaler: highestOf(autoscaled.map((each) => lowestOf(snapshot.autoscaler(each), replicas))),
    rules: highestOf([gangMinimum, partition?.kind === 'int' ? partition.value : null]),
    seenLow: highestOf([seenLow(workload), seenLow(scaled)]),
  });
}

/** Of those counts that are known; null where none is. */
function highestOf(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Where an autoscaler ends that brings a count of now down. */
function lowestOf(autoscaler: AutoscalerOf | null, replicas: number): number | null {
  if (autoscaler === null) return null;
  return autoscaler.scalesDown ? autoscaler.minReplicas : Math.max(autoscaler.minReplicas, replicas);
}

/**
 * How far a role's count in every group is expected to shrink: to the lowest seen, and not below what its gang needs.
 * Null for one of which nothing was seen, which is expected to stay: groups shrink more often than their roles.
 */
export function floorOfRole(workload: Workload, { name, gangMinimum }: Role, seenLow: SeenLow): Floor | null {
  const seen = seenLow(workload, name);
  if (seen === null) return null;
  const isBelowGang = gangMinimum !== null && gangMinimum > seen;
  return isBelowGang ? { floor: gangMinimum, source: 'rules' } : { floor: seen, source: 'seen' };
}

/**
 * Whether it is what people and autoscalers scale: no scaler of others, no ReplicaSet of somebody, and no StatefulSet of
 * a leader's workers.
 */
export function isScaledItself(workload: Workload): boolean {
  return workload.target === undefined && resizedBy(workload) === null && workload.owner?.kind !== 'Pod';
}

/**
 * Whoever owns a ReplicaSet resizes it, and is what an autoscaler scales, be it of a kind that packdown does not know,
 * such as a Rollout of Argo: then nothing more is known of it.
 */
function resizedBy({ kind, owner, namespace }: Workload): WorkloadKey | null {
  return kind === replicaSetAdapter.kind && owner !== null ? keyOf(owner, namespace) : null;
}
