import type { WorkloadKey } from './workload.ts';

/** Between which counts an autoscaler moves a workload's replicas: groups of a grouped workload, pods of a flat one. */
export interface ReplicaRange {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Whether it ever takes replicas away between them. */
  readonly scalesDown: boolean;
}

export interface TargetRange extends ReplicaRange {
  readonly target: WorkloadKey;
}

/** A HorizontalPodAutoscaler, or something else that moves replicas, of several workloads perhaps. */
export interface Autoscaler {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly ranges: readonly TargetRange[];
}

/** What keeps a workload's replicas within a range. */
export interface AutoscalerOf extends ReplicaRange {
  readonly kind: string;
}
