/** Adds a value to those at a key. */
export function link<T>(index: Map<string, Set<T>>, at: string, value: T): void {
  const values = index.get(at);
  if (values === undefined) index.set(at, new Set([value]));
  else values.add(value);
}

/** Takes a value out of those at a key, and with the last one the key. */
export function unlink<T>(index: Map<string, Set<T>>, at: string, value: T): void {
  const values = index.get(at);
  values?.delete(value);
  if (values?.size === 0) index.delete(at);
}

/** The map at a key, a new one if there is none yet. */
export function within<T>(index: Map<string, Map<string, T>>, at: string): Map<string, T> {
  const known = index.get(at);
  if (known !== undefined) return known;
  const made = new Map<string, T>();
  index.set(at, made);
  return made;
}

const NONE: readonly never[] = [];

interface Held<T> {
  list: T[];
  /** Whether somebody may keep the list: what changes then is a copy. */
  isGiven: boolean;
}

/**
 * Values by key, and those at a key as a list: the same one until it changes, and in an order of their own, for replicas
 * of packdown hear of them in different ones.
 */
export class Lists<T> {
  readonly #precedes: (one: T, other: T) => boolean;
  readonly #held = new Map<string, Held<T>>();

  /** @param precedes tells of any two values which comes first */
  constructor(precedes: (one: T, other: T) => boolean) {
    this.#precedes = precedes;
  }

  at(key: string): readonly T[] {
    const held = this.#held.get(key);
    if (held === undefined) return NONE;
    held.isGiven = true;
    return held.list;
  }

  link(key: string, value: T): void {
    const held = this.#held.get(key);
    if (held === undefined) this.#held.set(key, { list: [value], isGiven: false });
    else ownList(held).splice(this.#placeIn(held.list, value), 0, value);
  }

  unlink(key: string, value: T): void {
    const held = this.#held.get(key);
    if (held === undefined) return;
    const place = this.#placeIn(held.list, value);
    if (held.list[place] !== value) return;
    if (held.list.length === 1) this.#held.delete(key);
    else ownList(held).splice(place, 1);
  }

  /** Where a value is, or belongs. */
  #placeIn(list: readonly T[], value: T): number {
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = list[middle];
      if (other !== undefined && this.#precedes(other, value)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function ownList<T>(held: Held<T>): T[] {
  if (held.isGiven) {
    held.list = [...held.list];
    held.isGiven = false;
  }
  return held.list;
}
