import type { NodeTable } from '../domain/fleet/node-table.ts';
import type { Pod } from '../domain/fleet/pod.ts';

/** What a scheduler has placed and not bound yet, so that the fleet does not show it there. */
export interface Placed {
  /** Null for a pod that is not of these. */
  nodeOf(pod: Pod): string | null;
  /** How many of these are on a node. */
  countOn(node: string): number;
}

export const NOTHING_PLACED: Placed = { nodeOf: () => null, countOn: () => 0 };

/** Nodes that a scheduler asks about. */
export interface Asked {
  readonly table: NodeTable;
  /** In the order asked; -1 for a node that the table does not have. */
  readonly places: Int32Array;
  readonly placed: Placed;
}

/** The places of nodes in a table, in the same order; -1 for one that it does not have. */
export function placesOf(names: readonly string[], table: NodeTable): Int32Array {
  return Int32Array.from(names, (name) => table.placeOf(name) ?? -1);
}

/** A 1 at the place of each of these nodes; null for none. */
export function markedPlaces(names: Iterable<string>, table: NodeTable): Uint8Array | null {
  let marks: Uint8Array | null = null;
  for (const name of names) {
    const place = table.placeOf(name);
    if (place === undefined) continue;
    marks ??= new Uint8Array(table.size);
    marks[place] = 1;
  }
  return marks;
}
