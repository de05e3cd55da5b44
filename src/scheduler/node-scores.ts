import { type Pod, staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { drainingNodes } from '../workloads/draining.ts';
import { groupMates } from '../workloads/group-mates.ts';
import { bands, type LeftAlone } from './bands.ts';
import type { KeptScores } from './kept-scores.ts';
import { type Asked, markedPlaces } from './places.ts';

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
 * Scores nodes, by their place, for a pod from 0 to 100: the weighted mean of Volcano's binpack score with the pod
 * placed, and of how much of the node goes with the pod's group, where one of the group is placed already; less what it
 * would strand of the node's devices; then in bands, so that some of those asked about are left alone. 0 for nodes that
 * a scale-down is freeing.
 */
export function nodeScorer(
  pod: Pod,
  asked: Asked,
  snapshot: Snapshot,
  scores: KeptScores,
  preferences: Preferences,
): (place: number) => number {
  const { table } = asked;
  const { stranding } = preferences;
  const draining = markedPlaces(drainingNodes(snapshot), table);
  const closeness = closenessOf(pod, asked, snapshot, preferences);
  const banded = bands(asked, snapshot, preferences);
  const { packed, stranded } = scores.of(pod.requests, table);
  return (place) => {
    if (draining !== null && draining[place] === 1) return 0;
    const share = stranding === 0 ? 0 : stranded.at(place);
    return banded(place, balanced(packed.at(place), closeness?.(place) ?? null, 100 * share, preferences));
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
function closenessOf(
  pod: Pod,
  { table, placed }: Asked,
  snapshot: Snapshot,
  { locality }: Preferences,
): ((place: number) => number) | null {
  const nodeOf = (mate: Pod) => mate.node ?? placed.nodeOf(mate);
  const mates = locality === 0 ? new Map<string, number>() : groupMates(pod, snapshot, nodeOf);
  if (mates.size === 0) return null;
  const shares = new Map<number, number>();
  for (const [node, count] of mates) {
    const place = table.placeOf(node);
    if (place === undefined) continue;
    const pods = snapshot.podsOnNode(node).filter((other) => !staysOnFreeNode(other)).length + placed.countOn(node);
    shares.set(place, (100 * count) / pods);
  }
  return (place) => shares.get(place) ?? 0;
}
