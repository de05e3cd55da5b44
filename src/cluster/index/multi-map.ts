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

/** Values by key, and those at a key as a list: the same one until it changes. */
export class Lists<T> {
  readonly #values = new Map<string, Set<T>>();
  /** Those that were asked for since their last change. */
  readonly #listed = new Map<string, readonly T[]>();

  /** As a list that is kept for whoever asks next. */
  at(key: string): readonly T[] {
    const known = this.#listed.get(key);
    if (known !== undefined) return known;
    const values = this.#values.get(key);
    if (values === undefined) return NONE;
    const list = [...values];
    this.#listed.set(key, list);
    return list;
  }

  /** Without a list, for who asks once; undefined where there are none. */
  values(key: string): ReadonlySet<T> | undefined {
    return this.#values.get(key);
  }

  link(key: string, value: T): void {
    link(this.#values, key, value);
    this.#listed.delete(key);
  }

  unlink(key: string, value: T): void {
    unlink(this.#values, key, value);
    this.#listed.delete(key);
  }
}
