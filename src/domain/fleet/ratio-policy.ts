import type { RoleRatio } from '../ordering/role-ratio.ts';

/** An object beside a workload that declares the ratio of two of its roles, such as Kthena's AutoscalingPolicy. */
export interface RatioPolicy {
  readonly namespace: string;
  readonly name: string;
  /** The workload, in the same namespace. */
  readonly target: { readonly kind: string; readonly name: string };
  readonly ratio: RoleRatio;
}
