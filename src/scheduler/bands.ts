import { staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { matches, type WarmNodeCount } from '../workloads/scaling.ts';

/** Which nodes are better left alone. */
export interface LeftAlone {
  /** The nodes that planning goes on freeing, by name. */
  readonly targetSet: readonly string[];
  readonly warmNodes?: readonly WarmNodeCount[];
}

/** Of 100, and wide enough that kube-scheduler's whole numbers keep them apart too: 4 to 10, 2 to 3, 1, and 0. */
const STAYING = { from: 40, width: 60 };
const TARGETED = { from: 20, width: 10 };
const EMPTY = { from: 6, width: 8 };
const WARM = { from: 0, width: 4 };

/**
 * Moves scores from 0 to 100 so that occupied nodes outside the target set come first, those in it next, then empty ones,
 * and empty ones of a kind that is to be kept free last. Scores stay as they are while none of the nodes that are asked
 * for is of the target set and occupied, or to be kept free.
 */
export function bands(
  asked: readonly string[],
  snapshot: Snapshot,
  { targetSet, warmNodes = [] }: LeftAlone,
): (node: string, score: number) => number {
  const kept = warmNodes.filter(({ count }) => count > 0);
  if (targetSet.length === 0 && kept.length === 0) return (_node, score) => score;
  const isOccupied = (node: string) => snapshot.podsOnNode(node).some((pod) => !staysOnFreeNode(pod));
  const names = new Set(asked);
  const targeted = new Set(targetSet.filter((node) => names.has(node) && isOccupied(node)));
  const isWarm = (name: string) => {
    const node = kept.length === 0 ? undefined : snapshot.node(name);
    return node !== undefined && kept.some(({ selector }) => matches(node, selector)) && !isOccupied(name);
  };
  if (targeted.size === 0 && !asked.some(isWarm)) return (_node, score) => score;
  const bandOf = (node: string) => {
    if (isOccupied(node)) return targeted.has(node) ? TARGETED : STAYING;
    return isWarm(node) ? WARM : EMPTY;
  };
  return (node, score) => {
    const { from, width } = bandOf(node);
    return from + (width * score) / 100;
  };
}
