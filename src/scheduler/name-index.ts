import type { NodeTable } from '../domain/fleet/node-table.ts';
import { BETWEEN_NAMES, type NodeNames, nameHash } from './node-names.ts';

const known = new WeakMap<NodeTable, { readonly layout: number; readonly index: NameIndex }>();

/** The places of the names of a call, in the same order; -1 for a node that the table does not have. */
export function namedPlaces(names: NodeNames, table: NodeTable): Int32Array {
  const { layout } = table;
  const kept = known.get(table);
  if (kept?.layout === layout) return kept.index.placesOf(names);
  const index = new NameIndex(table);
  known.set(table, { layout, index });
  return index.placesOf(names);
}

/** Places by name, found by a name's bytes: a hash table with open addressing, at most half full. */
class NameIndex {
  /** All names, one after another in the order of their places. */
  readonly #bytes: Buffer;
  /** Where the name at a place ends; the next one begins there. */
  readonly #ends: Int32Array;
  /** A place and one, 0 where the slot is free; as many slots as a power of two. */
  readonly #slots: Int32Array;

  constructor(table: NodeTable) {
    const names = Array.from({ length: table.size }, (_, place) => Buffer.from(table.nodeAt(place)?.name ?? ''));
    this.#bytes = Buffer.concat(names);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * table.size + 1)));
    this.#ends = new Int32Array(table.size);
    let end = 0;
    for (const [place, name] of names.entries()) {
      end += name.length;
      this.#ends[place] = end;
      // A free place.
      if (name.length === 0) continue;
      let slot = nameHash(name, 0, name.length) & (this.#slots.length - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = place + 1;
    }
  }

  placesOf({ body, start, ends, hashes }: NodeNames): Int32Array {
    const places = new Int32Array(ends.length);
    let begin = start;
    for (let asked = 0; asked < places.length; asked += 1) {
      const end = ends[asked] ?? begin;
      places[asked] = this.#find(body, begin, end, hashes[asked] ?? 0);
      begin = end + BETWEEN_NAMES;
    }
    return places;
  }

  #find(bytes: Buffer, begin: number, end: number, hash: number): number {
    const last = this.#slots.length - 1;
    for (let slot = hash & last; ; slot = (slot + 1) & last) {
      const place = (this.#slots[slot] ?? 0) - 1;
      if (place === -1 || this.#isAt(place, bytes, begin, end)) return place;
    }
  }

  #isAt(place: number, bytes: Buffer, begin: number, end: number): boolean {
    let at = place === 0 ? 0 : (this.#ends[place - 1] ?? 0);
    if ((this.#ends[place] ?? 0) - at !== end - begin) return false;
    for (let asked = begin; asked < end; asked += 1, at += 1) if (this.#bytes[at] !== bytes[asked]) return false;
    return true;
  }
}
