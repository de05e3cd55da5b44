import type { WorkloadKey } from './workload.ts';

/** Between which counts a HorizontalPodAutoscaler moves a workload's replicas. */
export interface ReplicaRange {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/** A HorizontalPodAutoscaler: of groups for a grouped workload, of pods for a flat one. */
export interface Autoscaler extends ReplicaRange {
  readonly namespace: string;
  readonly name: string;
  readonly target: WorkloadKey;
}
