import type { NodeTable } from '../domain/fleet/node-table.ts';
import { memo } from '../domain/memo.ts';
import { viewOf } from './bytes.ts';
import { BETWEEN_NAMES, type NodeNames } from './node-names.ts';

/** 2^32 divided by the golden ratio, odd: Knuth's multiplicative hashing, whose upper bits depend on every byte. */
const MULTIPLIER = 0x9e3779b1;

/** The places of the names of a call, in the same order; -1 for a node that the table does not have. */
export function namedPlaces(names: NodeNames, table: NodeTable): Int32Array {
  return indexOf(table, table.layout).placesOf(names);
}

const indexOf = memo((table: NodeTable, _layout: number) => new NameIndex(table));

/** Places by name, found by a name's bytes: a hash table with open addressing, at most half full. */
class NameIndex {
  /** All names, one after another in the order of their places. */
  readonly #bytes: DataView;
  /** Where the name at a place ends; the next one begins there. */
  readonly #ends: Int32Array;
  /** A place and one, 0 where the slot is free; as many slots as a power of two. */
  readonly #slots: Int32Array;
  /** How many bits of a hash are too many for the number of a slot. */
  readonly #shift: number;

  constructor(table: NodeTable) {
    const names = Array.from({ length: table.size }, (_, place) => Buffer.from(table.nodeAt(place)?.name ?? ''));
    const bits = Math.ceil(Math.log2(2 * table.size + 2));
    this.#bytes = viewOf(Buffer.concat(names));
    this.#slots = new Int32Array(2 ** bits);
    this.#shift = 32 - bits;
    this.#ends = new Int32Array(table.size);
    let end = 0;
    for (const [place, name] of names.entries()) {
      end += name.length;
      this.#ends[place] = end;
      // A free place.
      if (name.length === 0) continue;
      let slot = this.#firstSlot(this.#bytes, end - name.length, end);
      while (this.#slots[slot] !== 0) slot = this.#nextSlot(slot);
      this.#slots[slot] = place + 1;
    }
  }

  placesOf({ body, start, ends }: NodeNames): Int32Array {
    const places = new Int32Array(ends.length);
    const bytes = viewOf(body);
    let begin = start;
    for (let asked = 0; asked < places.length; asked += 1) {
      const end = ends[asked] ?? begin;
      places[asked] = this.#find(bytes, begin, end);
      begin = end + BETWEEN_NAMES;
    }
    return places;
  }

  #find(bytes: DataView, begin: number, end: number): number {
    for (let slot = this.#firstSlot(bytes, begin, end); ; slot = this.#nextSlot(slot)) {
      const place = (this.#slots[slot] ?? 0) - 1;
      if (place === -1 || this.#isAt(place, bytes, begin, end)) return place;
    }
  }

  #firstSlot(bytes: DataView, begin: number, end: number): number {
    return hashOf(bytes, begin, end) >>> this.#shift;
  }

  #nextSlot(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }

  #isAt(place: number, bytes: DataView, begin: number, end: number): boolean {
    const start = place === 0 ? 0 : (this.#ends[place - 1] ?? 0);
    if ((this.#ends[place] ?? 0) - start !== end - begin) return false;
    let [at, asked] = [start, begin];
    for (; asked + 4 <= end; at += 4, asked += 4)
      if (this.#bytes.getUint32(at) !== bytes.getUint32(asked)) return false;
    for (; asked < end; at += 1, asked += 1) if (this.#bytes.getUint8(at) !== bytes.getUint8(asked)) return false;
    return true;
  }
}

/** Of the bytes from `start` until `end`: 32 bits, signed. Four at a time take less long than one by one. */
function hashOf(bytes: DataView, start: number, end: number): number {
  let [hash, at] = [0, start];
  for (; at + 4 <= end; at += 4) hash = Math.imul(hash ^ bytes.getUint32(at), MULTIPLIER);
  for (; at < end; at += 1) hash = Math.imul(hash ^ bytes.getUint8(at), MULTIPLIER);
  return hash;
}
