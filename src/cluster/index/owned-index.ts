import { type Named, namespacedName, precedes } from '../../domain/fleet/namespaced-name.ts';
import { Lists } from './multi-map.ts';

/** Objects of one kind by name and by what they belong to: the uid of their owner, or the key of their target. */
export class OwnedIndex<T extends Named> {
  readonly #ownerOf: (object: T) => string | null;
  readonly #objects = new Map<string, T>();
  readonly #byOwner = new Lists<T>(precedes);

  constructor(ownerOf: (object: T) => string | null) {
    this.#ownerOf = ownerOf;
  }

  all(): Iterable<T> {
    return this.#objects.values();
  }

  get(namespace: string, name: string): T | undefined {
    return this.#objects.get(namespacedName({ namespace, name }));
  }

  of(owner: string): readonly T[] {
    return this.#byOwner.at(owner);
  }

  put(object: T): void {
    this.delete(object.namespace, object.name);
    this.#objects.set(namespacedName(object), object);
    const owner = this.#ownerOf(object);
    if (owner !== null) this.#byOwner.link(owner, object);
  }

  delete(namespace: string, name: string): void {
    const known = this.get(namespace, name);
    if (known === undefined) return;
    const owner = this.#ownerOf(known);
    if (owner !== null) this.#byOwner.unlink(owner, known);
    this.#objects.delete(namespacedName(known));
  }
}
