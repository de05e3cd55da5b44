import type { LoadedNode } from '../domain/fleet/node.ts';
import type { NodeTable } from '../domain/fleet/node-table.ts';

/** Versions are 32 bits wide, so that lists of them stay small. */
const MOST_VERSIONS = 2 ** 31;

/** The fleet's nodes with what is used of them, worked out when somebody asks for it. */
export class LoadedNodes implements NodeTable {
  readonly #load: (name: string) => LoadedNode | undefined;
  readonly #places = new Map<string, number>();
  readonly #names: (string | undefined)[] = [];
  readonly #nodes: (LoadedNode | undefined)[] = [];
  readonly #versions: number[] = [];
  readonly #free: number[] = [];
  #layout = 0;
  #version = 0;

  /** @param load gives a node of the fleet as it is now */
  constructor(load: (name: string) => LoadedNode | undefined) {
    this.#load = load;
  }

  get size(): number {
    return this.#names.length;
  }

  get layout(): number {
    return this.#layout;
  }

  placeOf(name: string): number | undefined {
    return this.#places.get(name);
  }

  nodeAt(place: number): LoadedNode | undefined {
    const known = this.#nodes[place];
    const name = this.#names[place];
    if (known !== undefined || name === undefined) return known;
    const loaded = this.#load(name);
    this.#nodes[place] = loaded;
    return loaded;
  }

  versionAt(place: number): number {
    return this.#versions[place] ?? 0;
  }

  /** A node that is new, or not what it was. */
  put(name: string): void {
    if (!this.#places.has(name)) {
      const place = this.#free.pop() ?? this.size;
      this.#places.set(name, place);
      this.#names[place] = name;
      this.#layout += 1;
    }
    this.changed(name);
  }

  delete(name: string): void {
    const place = this.#places.get(name);
    if (place === undefined) return;
    this.changed(name);
    this.#places.delete(name);
    this.#names[place] = undefined;
    this.#free.push(place);
    this.#layout += 1;
  }

  /** What is used of it may be something else now; a name that is no node's is none of our business. */
  changed(name: string): void {
    const place = this.#places.get(name);
    if (place === undefined) return;
    this.#version = (this.#version % (MOST_VERSIONS - 1)) + 1;
    this.#versions[place] = this.#version;
    this.#nodes[place] = undefined;
  }
}
