import type { Resources } from '../resources/resource-list.ts';
import type { BinpackWeights } from './binpack.ts';

/** What every pod needs, so that devices are of no use without it. */
const NEEDED = ['cpu', 'memory'] as const;

/**
 * The share of a node's devices, from 0 to 1, that would stay free without as large a share of its CPUs and memory for
 * pods to use them with, once a pod is placed. Devices are the extended resources that are listed in the weights, the
 * worst of them counts; what has no weight, or the node none of, is not looked at.
 *
 * Fragmentation as in Weng et al., "Beware of Fragmentation" (USENIX ATC'23), but of nodes themselves: which pods are
 * to come need not be known.
 *
 * @param used what the other pods on the node request, this pod left out
 */
export function strandedShare(
  requests: Resources,
  used: Resources,
  allocatable: Resources,
  weights: BinpackWeights,
): number {
  const free = (name: string): number | null => {
    const capacity = allocatable.get(name) ?? 0n;
    if (capacity === 0n || (weights.resources.get(name) ?? 0) === 0) return null;
    return Number(capacity - (used.get(name) ?? 0n) - (requests.get(name) ?? 0n)) / Number(capacity);
  };
  const usable = Math.max(0, Math.min(1, ...NEEDED.map((name) => free(name) ?? 1)));
  const devices = [...weights.resources.keys()].filter((name) => name.includes('/'));
  return Math.max(0, ...devices.map((name) => (free(name) ?? 0) - usable));
}
