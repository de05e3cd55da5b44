import type { Pod } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import { subtractResources } from '../resources/resource-list.ts';
import { type BinpackWeights, binpackScore, nearestWhole } from './binpack.ts';

/**
 * The binpack cost of a bound pod: Volcano's score of its node with the pod on it, rounded. 0 for a pod that is not
 * bound or whose node is unknown: a score of nothing.
 */
export function podScore(pod: Pod, snapshot: Snapshot, weights: BinpackWeights): number {
  const node = pod.node === null ? undefined : snapshot.node(pod.node);
  if (node === undefined) return 0;
  const others = subtractResources(snapshot.usedOn(node.name), pod.requests);
  return nearestWhole(binpackScore(pod.requests, others, node.allocatable, weights));
}

/** roleScore and servingGroupScore of Kthena's binpack proposal: the sum of the pods' costs. */
export function sumScores(pods: readonly Pod[], scoreOf: (pod: Pod) => number): number {
  return pods.reduce((sum, pod) => sum + scoreOf(pod), 0);
}
