import type { Resources } from '../resources/resource-list.ts';

/** How much each resource counts in Volcano's binpack. */
export interface BinpackWeights {
  /** Multiplies the whole score: a full node scores 100 times this. */
  readonly weight: number;
  /** Weights by resource name, never negative; a resource not listed does not count. */
  readonly resources: ReadonlyMap<string, number>;
}

/**
 * Volcano's binpack score of a node with the pod placed on it, not rounded, from 0 to 100 · `weights.weight`
 * (`pkg/scheduler/plugins/binpack/binpack.go`):
 *
 *     100 · weight · Σ w_r · (used_r + request_r) / allocatable_r / Σ w_r
 *
 * over the resources that the pod requests and that are listed in the weights.
 *
 * - A resource that would overflow makes the score 0; compared exactly.
 * - A resource the node has none of adds nothing and does not overflow, but its weight stays in the divisor.
 * - A resource of weight 0 adds nothing anywhere, and does not overflow.
 * - Nothing weighted requested: 0.
 *
 * @param used what the other pods on the node request, this pod left out
 */
export function binpackScore(
  requests: Resources,
  used: Resources,
  allocatable: Resources,
  weights: BinpackWeights,
): number {
  let sum = 0;
  let divisor = 0;
  for (const [name, weight] of weights.resources) {
    const request = requests.get(name) ?? 0n;
    if (request <= 0n || weight === 0) continue;
    divisor += weight;
    const capacity = allocatable.get(name) ?? 0n;
    if (capacity === 0n) continue;
    const load = (used.get(name) ?? 0n) + request;
    if (load > capacity) return 0;
    sum += (Number(load) * weight) / Number(capacity);
  }
  return divisor === 0 ? 0 : (100 * weights.weight * sum) / divisor;
}

/** Floats put a score that is exactly half a point a hair below the half. */
const ROUNDING_ERROR = 1e-9;

/** Of a score, halves upwards. */
export function nearestWhole(score: number): number {
  return Math.floor(score + 0.5 + ROUNDING_ERROR);
}
