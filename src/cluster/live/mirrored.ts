import { readMetadata } from '../../workloads/core/metadata.ts';
import type { WatchedResource } from './watched-resource.ts';

/** What an object is called; `namespace` is left out of objects that are in none. */
interface Named {
  readonly namespace?: string;
  readonly name: string;
}

export type Mirror<T> = Pick<WatchedResource<T>, 'name' | 'isOptional' | 'path' | 'labelSelector' | 'read'> & {
  put(item: T): void;
  remove(namespace: string, name: string): void;
};

/** A resource whose objects are put and removed one by one; after a relist, what is gone is removed. */
export function mirrored<T extends Named>({ put, remove, ...resource }: Mirror<T>): WatchedResource<T> {
  const known = new Map<string, Named>();
  const keyOf = ({ namespace = '', name }: Named) => `${namespace}/${name}`;
  const add = (item: T) => {
    const { namespace = '', name } = item;
    known.set(keyOf(item), { namespace, name });
    put(item);
  };
  const drop = (named: Named) => {
    known.delete(keyOf(named));
    remove(named.namespace ?? '', named.name);
  };
  return {
    ...resource,
    replaced: (items) => {
      const listed = new Set(items.map(keyOf));
      for (const [key, named] of [...known]) if (!listed.has(key)) drop(named);
      for (const item of items) add(item);
    },
    changed: add,
    deleted: (object) => drop(readMetadata(object)),
  };
}
