import type { LoadedNode } from '../domain/fleet/node.ts';
import type { NodeTable } from '../domain/fleet/node-table.ts';

/** A number for each node of a table, worked out anew only where the node has changed. */
export class NodeNumbers {
  readonly #table: NodeTable;
  readonly #of: (node: LoadedNode) => number;
  #numbers = new Float64Array(0);
  /** Of the nodes that the numbers are of. */
  #versions = new Int32Array(0);

  constructor(table: NodeTable, of: (node: LoadedNode) => number) {
    this.#table = table;
    this.#of = of;
  }

  /** 0 at a free place. */
  at(place: number): number {
    const version = this.#table.versionAt(place);
    return this.#versions[place] === version ? (this.#numbers[place] ?? 0) : this.#renew(place, version);
  }

  #renew(place: number, version: number): number {
    const node = this.#table.nodeAt(place);
    if (node === undefined) return 0;
    if (place >= this.#numbers.length) this.#grow();
    const number = this.#of(node);
    this.#numbers[place] = number;
    this.#versions[place] = version;
    return number;
  }

  #grow(): void {
    const [numbers, versions] = [this.#numbers, this.#versions];
    this.#numbers = new Float64Array(this.#table.size);
    this.#versions = new Int32Array(this.#table.size);
    this.#numbers.set(numbers);
    this.#versions.set(versions);
  }
}
