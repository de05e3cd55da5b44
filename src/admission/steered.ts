import type { Workload } from '../domain/fleet/workload.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';
import type { ScalingPlan } from '../workloads/scaling.ts';

/**
 * What becomes of a scale-down that is admitted:
 * - `steered`: every victim is as planned, and something was written for it;
 * - `unchanged`: every victim is as planned, and nothing had to be written;
 * - `partial`: some victims go in their controller's own order, or some costs could not be written;
 * - `unsteerable`: none of the victims could be steered, and nothing was written;
 * - `observed`: planned only, for the mode is observe;
 * - `deferred`: left to the moment when the controller below acts, or to a rollout;
 * - `disagreement`: the fleet contradicts the review;
 * - `limited`: an unproven caller asks too often;
 * - `stale`: the fleet has not been heard of for too long;
 * - `failed`: an error, or none of the costs could be written.
 */
export const STEERING_OUTCOMES = [
  'steered',
  'unchanged',
  'partial',
  'unsteerable',
  'observed',
  'deferred',
  'disagreement',
  'limited',
  'stale',
  'failed',
] as const;
export type SteeringOutcome = (typeof STEERING_OUTCOMES)[number];

/** One scale-down that steering has looked at. */
export interface Steered {
  /** The workload as it will be. */
  readonly workload: Workload;
  /** The counts that it lowers. */
  readonly changes: readonly ScaleRequest[];
  readonly mode: 'observe' | 'steer';
  /** Null where nothing was planned. Its victims and freed nodes are those under the costs that were really written. */
  readonly plan: ScalingPlan | null;
  readonly outcome: SteeringOutcome;
  /** What who asked is told: sentences on what will go, and on what is wrong. */
  readonly says: readonly string[];
  /** From the review to the answer, waiting for its turn and settling included. */
  readonly milliseconds: number;
}
