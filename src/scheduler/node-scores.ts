import type { LoadedNode } from '../domain/fleet/node.ts';
import { type Pod, staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { strandedShare } from '../domain/score/stranded.ts';
import { drainingNodes } from '../workloads/draining.ts';
import { groupMates } from '../workloads/group-mates.ts';
import { bands, type LeftAlone } from './bands.ts';
import type { KeptScores } from './kept-scores.ts';

/** What a node is scored by. */
export interface Preferences extends LeftAlone {
  /** How much a full node counts, from 0 to 10, against `locality`. */
  readonly binpack: number;
  /** How much it counts that a node holds pods of the same group, from 0 to 10, against `binpack`. */
  readonly locality: number;
  /** How much it counts against a node that devices on it would be stranded, from 0 to 10, against both. */
  readonly stranding: number;
}

/**
 * Scores nodes for a pod from 0 to 100: the weighted mean of Volcano's binpack score with the pod placed, and of how much
 * of the node goes with the pod's group, where one of the group is placed already; less what it would strand of the node's
 * devices; then in bands, so that some of `asked` are left alone. 0 for nodes that a scale-down is freeing.
 */
export function nodeScorer(
  pod: Pod,
  asked: readonly string[],
  snapshot: Snapshot,
  scores: KeptScores,
  preferences: Preferences,
): (node: LoadedNode) => number {
  const draining = drainingNodes(snapshot);
  const closeness = closenessOf(pod, snapshot, preferences);
  const banded = bands(asked, snapshot, preferences);
  const packedOf = scores.scorerOf(pod.requests);
  return (node) => {
    const { name } = node;
    if (draining.has(name)) return 0;
    const { used, allocatable } = node;
    const stranded = preferences.stranding === 0 ? 0 : strandedShare(pod.requests, used, allocatable, scores.weights);
    return banded(name, balanced(packedOf(node), closeness?.(name) ?? null, 100 * stranded, preferences));
  };
}

function balanced(packed: number, close: number | null, stranded: number, preferences: Preferences): number {
  const { binpack, stranding } = preferences;
  const locality = close === null ? 0 : preferences.locality;
  const weight = binpack + locality;
  if (weight === 0) return 0;
  return Math.max(0, (binpack * packed + locality * (close ?? 0) - stranding * stranded) / weight);
}

/** The share of a node's pods that are of the pod's group, of 100; null where none of the group is placed. */
function closenessOf(pod: Pod, snapshot: Snapshot, { locality }: Preferences): ((node: string) => number) | null {
  const mates = locality === 0 ? new Map<string, number>() : groupMates(pod, snapshot);
  if (mates.size === 0) return null;
  return (node) => {
    const count = mates.get(node) ?? 0;
    return count === 0 ? 0 : (100 * count) / snapshot.podsOnNode(node).filter((pod) => !staysOnFreeNode(pod)).length;
  };
}
