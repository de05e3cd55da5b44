import type { RoleRatio } from '../ordering/role-ratio.ts';
import type { WorkloadKey } from './workload.ts';

/** An object beside a workload that declares the ratio of two of its roles, such as Kthena's AutoscalingPolicy. */
export interface RatioPolicy {
  readonly namespace: string;
  readonly name: string;
  /** The workload, in whatever namespace. */
  readonly target: WorkloadKey;
  readonly ratio: RoleRatio;
}
