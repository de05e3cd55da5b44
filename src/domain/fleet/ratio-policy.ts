import type { WorkloadKey } from './workload.ts';

/** Bounds on `numerator / denominator`, both ends included, each a fraction of whole numbers. */
export interface RoleRatio {
  readonly numerator: string;
  readonly denominator: string;
  readonly min: Fraction;
  readonly max: Fraction;
  /**
   * Whether counts of which one is the other's share, rounded up or down, are within it too: between narrow bounds
   * nothing else may be.
   */
  readonly rounds: boolean;
}

/** `over / under`, never negative; `under` may be 0 for what is infinitely large. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

/** An object beside a workload that declares the ratio of two of its roles, such as Kthena's AutoscalingPolicy. */
export interface RatioPolicy {
  readonly namespace: string;
  readonly name: string;
  /** The workload, in whatever namespace. */
  readonly target: WorkloadKey;
  readonly ratio: RoleRatio;
}
