import { EventEmitter, once } from 'node:events';
import type { CostCarrier } from '../../domain/fleet/instance.ts';
import { namespacedName } from '../../domain/fleet/namespaced-name.ts';
import { type JsonObject, objectAt } from '../../workloads/core/json.ts';
import { readMetadata } from '../../workloads/core/metadata.ts';
import type { Mirror } from './mirrored.ts';
import type { WatchedResource } from './watched-resource.ts';

export interface Observed<T> {
  readonly item: T;
  /** Its resourceVersion: a decimal number that grows with every change in the cluster. */
  readonly version: number;
  /** Whether it has any annotation at all: a JSON patch must know whether the map is there. */
  readonly annotated: boolean;
}

/** A resource whose objects carry costs, and the part of the index that holds them. */
export type CarrierKind<T> = Mirror<T> & {
  all(): Iterable<T>;
  find(namespace: string, name: string): T | undefined;
};

/** What a writer of costs needs of one kind that carries them. */
export type Carriers = Pick<
  LiveCarriers<CostCarrier>,
  'find' | 'objectPath' | 'isAnnotated' | 'read' | 'learn' | 'seen'
>;

/** What of the index carries costs, kept by the watch and, ahead of it, by the answers to our own writes. */
export class LiveCarriers<T extends CostCarrier> implements WatchedResource<Observed<T>> {
  readonly #kind: CarrierKind<T>;
  /** uid → the version of an answer that the watch has not shown yet; older events must not undo it. */
  readonly #unseen = new Map<string, number>();
  readonly #bare = new Set<string>();
  readonly #progress = new EventEmitter().setMaxListeners(0);
  #listPath: string | null = null;
  #reached = 0;

  constructor(kind: CarrierKind<T>) {
    this.#kind = kind;
  }

  get name(): string {
    return this.#kind.name;
  }

  get isOptional(): boolean {
    return this.#kind.isOptional === true;
  }

  async path(signal: AbortSignal): Promise<string | null> {
    this.#listPath = await this.#kind.path(signal);
    return this.#listPath;
  }

  /** Where one object is; null while the apiserver serves no such resource. */
  objectPath(namespace: string, name: string): string | null {
    const place = `/namespaces/${encodeURIComponent(namespace)}/$1/${encodeURIComponent(name)}`;
    return this.#listPath?.replace(/\/([^/]+)$/, place) ?? null;
  }

  find(namespace: string, name: string): T | undefined {
    return this.#kind.find(namespace, name);
  }

  read(object: JsonObject): Observed<T> {
    const metadata = objectAt(object, 'metadata');
    return {
      item: this.#kind.read(object),
      version: Number(metadata.resourceVersion) || 0,
      annotated: Object.keys(objectAt(metadata, 'annotations')).length > 0,
    };
  }

  replaced(items: readonly Observed<T>[]): void {
    const listed = new Set(items.map(({ item }) => namespacedName(item)));
    const gone = [...this.#kind.all()].filter((item) => !listed.has(namespacedName(item)));
    for (const { namespace, name } of gone) this.#remove(namespace, name);
    for (const item of items) this.changed(item);
  }

  changed(observed: Observed<T>): void {
    if (observed.version >= (this.#unseen.get(observed.item.uid) ?? 0)) this.#put(observed);
  }

  deleted(object: JsonObject): void {
    const { namespace, name } = readMetadata(object);
    this.#remove(namespace, name);
  }

  reached(resourceVersion: string): void {
    const before = this.#reached;
    this.#reached = Number(resourceVersion) || 0;
    if (this.#unseen.size === 0) return;
    // An etcd that was restored from a backup counts from below again, and may have none of our writes.
    const isRestored = this.#reached < before;
    for (const [uid, version] of this.#unseen) if (isRestored || version <= this.#reached) this.#unseen.delete(uid);
    this.#progress.emit('reached');
  }

  /** Takes in an object as the apiserver has just answered it, unless the watch is past that already. */
  learn(object: JsonObject): void {
    const observed = this.read(object);
    const { item, version } = observed;
    if (version <= this.#reached || version < (this.#unseen.get(item.uid) ?? 0)) return;
    this.#unseen.set(item.uid, version);
    this.#put(observed);
  }

  isAnnotated(uid: string): boolean {
    return !this.#bare.has(uid);
  }

  /** Resolves once the watch has shown all that was learnt about these, or the signal aborts. */
  async seen(uids: readonly string[], signal: AbortSignal): Promise<void> {
    const isUnseen = () => uids.some((uid) => this.#unseen.has(uid));
    while (isUnseen() && !signal.aborted) {
      await once(this.#progress, 'reached', { signal }).catch(() => undefined);
    }
  }

  #put({ item, annotated }: Observed<T>): void {
    this.#remember(item.namespace, item.name, annotated ? null : item.uid);
    this.#kind.put(item);
  }

  #remove(namespace: string, name: string): void {
    this.#remember(namespace, name, null);
    this.#kind.remove(namespace, name);
  }

  /** `bare` is the uid of the object that now has this name, if it has no annotations. */
  #remember(namespace: string, name: string, bare: string | null): void {
    const before = this.#kind.find(namespace, name);
    if (before !== undefined) this.#bare.delete(before.uid);
    if (bare !== null) this.#bare.add(bare);
  }
}
