import type { Node } from '../domain/fleet/node.ts';
import type { NodeTable } from '../domain/fleet/node-table.ts';
import { staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { memo } from '../domain/memo.ts';
import { matches, type WarmNodeCount } from '../workloads/node-worth.ts';
import { NodeNumbers } from './node-numbers.ts';
import { type Asked, markedPlaces } from './places.ts';

/** Which nodes are better left alone. */
export interface LeftAlone {
  /** The nodes that planning goes on freeing, by name. */
  readonly targetSet: readonly string[];
  readonly warmNodes?: readonly WarmNodeCount[];
}

/**
 * Of 100, and two of kube-scheduler's whole points apart: 6 to 10, 4, 2, and 0. At the weight that manifests/scheduler
 * gives the extender, these are as much as MostAllocated there can say against it, to which a small node is soon a full
 * one.
 */
const STAYING = { from: 60, width: 40 };
const TARGETED = { from: 36, width: 8 };
const EMPTY = { from: 16, width: 8 };
const WARM = { from: 0, width: 4 };

/**
 * Moves scores from 0 to 100 so that occupied nodes outside the target set come first, those in it next, then empty
 * ones, and empty ones of a kind that is to be kept free last. Scores stay as they are while none of the nodes that are
 * asked for is of the target set and occupied, or to be kept free.
 */
export function bands(
  { table, places, placed }: Asked,
  snapshot: Snapshot,
  { targetSet, warmNodes = [] }: LeftAlone,
): (place: number, score: number) => number {
  const targeted = targetPlaces(table, targetSet, table.layout);
  const warm = warmth(table, warmNodes, snapshot);
  if (targeted === null && warm === null) return (_place, score) => score;
  const occupied = occupancy(table, snapshot);
  const isOccupied = (place: number) => occupied.at(place) === 1 || placed.countOn(table.nodeAt(place)?.name ?? '') > 0;
  const bandOf = (place: number) => {
    if (isOccupied(place)) return targeted?.[place] === 1 ? TARGETED : STAYING;
    return warm?.at(place) === 1 ? WARM : EMPTY;
  };
  const isLeftAlone = (place: number) => {
    if (targeted?.[place] === 1 && isOccupied(place)) return true;
    return warm?.at(place) === 1 && !isOccupied(place);
  };
  if (!places.some(isLeftAlone)) return (_place, score) => score;
  return (place, score) => {
    const { from, width } = bandOf(place);
    return from + (width * score) / 100;
  };
}

/** 1 for a node that is to be kept free, else 0; null where none is. */
const warmth = memo((table: NodeTable, warmNodes: readonly WarmNodeCount[], snapshot: Snapshot) => {
  const kept = warmNodes.filter(({ count }) => count > 0);
  if (kept.length === 0) return null;
  const isWarm = (node: Node | undefined) => node !== undefined && kept.some(({ selector }) => matches(node, selector));
  return new NodeNumbers(table, ({ name }) => (isWarm(snapshot.node(name)) ? 1 : 0));
});

/** Kept until another target set is published, or places change: it has up to thousands of nodes. */
const targetPlaces = memo((table: NodeTable, targetSet: readonly string[], _layout: number) =>
  markedPlaces(targetSet, table),
);

/** 1 where something is on a node that keeps it from being free, else 0. */
const occupancy = memo((table: NodeTable, snapshot: Snapshot) => {
  const isBusy = (name: string) => snapshot.podsOnNode(name).some((pod) => !staysOnFreeNode(pod));
  return new NodeNumbers(table, ({ name }) => (isBusy(name) ? 1 : 0));
});
