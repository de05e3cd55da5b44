import type { Node } from '../domain/fleet/node.ts';
import type { NodeTable } from '../domain/fleet/node-table.ts';
import { staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
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
  const targeted = targetPlaces(targetSet, table);
  const warm = warmth(warmNodes, table, snapshot);
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

const knownWarmth = new WeakMap<
  NodeTable,
  { readonly warmNodes: readonly WarmNodeCount[]; readonly numbers: NodeNumbers }
>();

/** 1 for a node that is to be kept free, else 0; null where none is. A table is of one fleet. */
function warmth(warmNodes: readonly WarmNodeCount[], table: NodeTable, snapshot: Snapshot): NodeNumbers | null {
  const kept = warmNodes.filter(({ count }) => count > 0);
  if (kept.length === 0) return null;
  const known = knownWarmth.get(table);
  if (known?.warmNodes === warmNodes) return known.numbers;
  const isWarm = (node: Node | undefined) => node !== undefined && kept.some(({ selector }) => matches(node, selector));
  const numbers = new NodeNumbers(table, ({ name }) => (isWarm(snapshot.node(name)) ? 1 : 0));
  knownWarmth.set(table, { warmNodes, numbers });
  return numbers;
}

const knownTargets = new WeakMap<
  NodeTable,
  { readonly targetSet: readonly string[]; readonly layout: number; readonly places: Uint8Array | null }
>();

/** Kept until another target set is published, or places change: it has up to thousands of nodes. */
function targetPlaces(targetSet: readonly string[], table: NodeTable): Uint8Array | null {
  if (targetSet.length === 0) return null;
  const known = knownTargets.get(table);
  if (known?.targetSet === targetSet && known.layout === table.layout) return known.places;
  const places = markedPlaces(targetSet, table);
  knownTargets.set(table, { targetSet, layout: table.layout, places });
  return places;
}

const knownOccupancy = new WeakMap<NodeTable, NodeNumbers>();

/** 1 where something is on a node that keeps it from being free, else 0. A table is of one fleet. */
function occupancy(table: NodeTable, snapshot: Snapshot): NodeNumbers {
  const known = knownOccupancy.get(table);
  if (known !== undefined) return known;
  const isBusy = (name: string) => snapshot.podsOnNode(name).some((pod) => !staysOnFreeNode(pod));
  const occupied = new NodeNumbers(table, ({ name }) => (isBusy(name) ? 1 : 0));
  knownOccupancy.set(table, occupied);
  return occupied;
}
