import type { RoleRatio } from '../../domain/fleet/ratio-policy.ts';
import type { WorkloadKey } from '../../domain/fleet/workload.ts';
import type { Counts } from '../../domain/ordering/facts.ts';
import type { JsonObject } from '../core/json.ts';

/** How far an autoscaler may move one workload. */
export interface Reach {
  /** In the autoscaler's own namespace where that is ''. */
  readonly target: WorkloadKey;
  /** The outermost states: what rules refuse between them, they refuse at one of them. */
  readonly states: readonly Counts[];
  /** The ratio of two roles that it declares; null for none. */
  readonly ratio: RoleRatio | null;
}

/** A kind of objects by which somebody else changes replicas between bounds. */
export interface AutoscalerKind {
  readonly kind: string;
  readonly group: string;
  /** The versions in which the webhook is shown it. */
  readonly versions: readonly string[];
  /** The plural in the API's paths. */
  readonly resource: string;
  /** Throws CodedError for what cannot be read. */
  reaches(object: JsonObject): readonly Reach[];
}

/** The ends of a range, and the lowest count above none: there are rules that allow none at all, and refuse too few. */
export function endsOf(min: number, max: number): readonly number[] {
  return [...new Set([min, Math.min(Math.max(min, 1), max), max])];
}

/** States of a workload's own count. */
export function statesOf(counts: readonly number[]): readonly Counts[] {
  return counts.map((replicas) => ({ replicas, roles: new Map() }));
}
