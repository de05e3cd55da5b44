import type { LoadedNode } from '../domain/fleet/node.ts';
import type { NodeTable } from '../domain/fleet/node-table.ts';

/** Nodes that came with a call, at the places in which they are listed there. */
export class ListedNodes implements NodeTable {
  readonly layout = 0;
  readonly #nodes: readonly LoadedNode[];
  readonly #places: ReadonlyMap<string, number>;

  constructor(nodes: readonly LoadedNode[]) {
    this.#nodes = nodes;
    this.#places = new Map(nodes.map(({ name }, place) => [name, place]));
  }

  get size(): number {
    return this.#nodes.length;
  }

  placeOf(name: string): number | undefined {
    return this.#places.get(name);
  }

  nodeAt(place: number): LoadedNode | undefined {
    return this.#nodes[place];
  }

  versionAt(): number {
    return 1;
  }
}
