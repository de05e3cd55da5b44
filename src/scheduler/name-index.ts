import type { NodeTable } from '../domain/fleet/node-table.ts';
import { BETWEEN_NAMES, type NodeNames } from './node-names.ts';

/** Of FNV-1a with 32 bits. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

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
      const last = this.#slots.length - 1;
      let slot = hashOf(name, 0, name.length) & last;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & last;
      this.#slots[slot] = place + 1;
    }
  }

  placesOf({ body, start, ends }: NodeNames): Int32Array {
    const places = new Int32Array(ends.length);
    let begin = start;
    for (let asked = 0; asked < places.length; asked += 1) {
      const end = ends[asked] ?? begin;
      places[asked] = this.#find(body, begin, end);
      begin = end + BETWEEN_NAMES;
    }
    return places;
  }

  #find(bytes: Buffer, begin: number, end: number): number {
    const last = this.#slots.length - 1;
    for (let slot = hashOf(bytes, begin, end) & last; ; slot = (slot + 1) & last) {
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

/** Of the bytes from `start` until `end`: 32 bits, signed. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = OFFSET_BASIS;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), PRIME);
  return hash | 0;
}
