import { staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';

/** Wide enough that kube-scheduler's whole numbers from 0 to 10 keep them apart too: 3 to 10, 1 to 2, and 0. */
const STAYING = { from: 30, width: 70 };
const TARGETED = { from: 10, width: 10 };
const EMPTY = { from: 0, width: 4 };

/**
 * Moves scores from 0 to 100 so that occupied nodes outside the target set come first, those in it next, and empty ones
 * last. Scores stay as they are while none of the nodes that are asked for is an occupied one of the target set.
 */
export function targetBands(
  asked: readonly string[],
  snapshot: Snapshot,
  targetSet: readonly string[],
): (node: string, score: number) => number {
  const isOccupied = (node: string) => snapshot.podsOnNode(node).some((pod) => !staysOnFreeNode(pod));
  const names = targetSet.length === 0 ? new Set() : new Set(asked);
  const targeted = new Set(targetSet.filter((node) => names.has(node) && isOccupied(node)));
  if (targeted.size === 0) return (_node, score) => score;
  return (node, score) => {
    const { from, width } = targeted.has(node) ? TARGETED : isOccupied(node) ? STAYING : EMPTY;
    return from + (width * score) / 100;
  };
}
