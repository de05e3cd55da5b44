import { EventEmitter, once } from 'node:events';
import { type Pod, podKey } from '../../domain/fleet/pod.ts';
import { type JsonObject, objectAt } from '../../workloads/core/json.ts';
import { readMetadata } from '../../workloads/core/metadata.ts';
import { readPod } from '../../workloads/core/pod.ts';
import type { FleetIndex } from '../fleet-index.ts';
import type { WatchedResource } from './watch-resource.ts';

export interface ObservedPod {
  readonly pod: Pod;
  /** Its resourceVersion: a decimal number that grows with every change in the cluster. */
  readonly version: number;
  /** Whether it has any annotation at all: a JSON patch must know whether the map is there. */
  readonly annotated: boolean;
}

/** The pods of the index, kept by the watch and, ahead of it, by the answers to our own writes. */
export class LivePods implements WatchedResource<ObservedPod> {
  readonly name = 'pods';
  readonly #index: FleetIndex;
  /** Pod uid → the version of an answer that the watch has not shown yet; older events must not undo it. */
  readonly #unseen = new Map<string, number>();
  readonly #bare = new Set<string>();
  readonly #progress = new EventEmitter().setMaxListeners(0);
  #reached = 0;

  constructor(index: FleetIndex) {
    this.#index = index;
  }

  async path(): Promise<string> {
    return '/api/v1/pods';
  }

  read(object: JsonObject): ObservedPod {
    const metadata = objectAt(object, 'metadata');
    return {
      pod: readPod(object),
      version: Number(metadata.resourceVersion) || 0,
      annotated: Object.keys(objectAt(metadata, 'annotations')).length > 0,
    };
  }

  replaced(items: readonly ObservedPod[]): void {
    const listed = new Set(items.map(({ pod }) => podKey(pod)));
    const gone = [...this.#index.pods()].filter((pod) => !listed.has(podKey(pod)));
    for (const { namespace, name } of gone) this.#remove(namespace, name);
    for (const item of items) this.changed(item);
  }

  changed(item: ObservedPod): void {
    if (item.version >= (this.#unseen.get(item.pod.uid) ?? 0)) this.#put(item);
  }

  deleted(object: JsonObject): void {
    const { namespace, name } = readMetadata(object);
    this.#remove(namespace, name);
  }

  reached(resourceVersion: string): void {
    this.#reached = Number(resourceVersion) || 0;
    if (this.#unseen.size === 0) return;
    for (const [uid, version] of this.#unseen) if (version <= this.#reached) this.#unseen.delete(uid);
    this.#progress.emit('reached');
  }

  /** Takes in a pod as the apiserver has just answered it, unless the watch is past that already. */
  learn(object: JsonObject): void {
    const item = this.read(object);
    if (item.version <= this.#reached || item.version < (this.#unseen.get(item.pod.uid) ?? 0)) return;
    this.#unseen.set(item.pod.uid, item.version);
    this.#put(item);
  }

  isAnnotated(uid: string): boolean {
    return !this.#bare.has(uid);
  }

  /** Whether the watch has shown all that was learnt about these pods; waits for it until the signal aborts. */
  async seen(uids: readonly string[], signal: AbortSignal): Promise<boolean> {
    const isSeen = () => !uids.some((uid) => this.#unseen.has(uid));
    while (!isSeen() && !signal.aborted) {
      await once(this.#progress, 'reached', { signal }).catch(() => undefined);
    }
    return isSeen();
  }

  #put({ pod, annotated }: ObservedPod): void {
    this.#remember(pod.namespace, pod.name, annotated ? null : pod.uid);
    this.#index.putPod(pod);
  }

  #remove(namespace: string, name: string): void {
    this.#remember(namespace, name, null);
    this.#index.deletePod(namespace, name);
  }

  /** `bare` is the uid of the pod that now has this name, if it has no annotations. */
  #remember(namespace: string, name: string, bare: string | null): void {
    const before = this.#index.pod(namespace, name);
    if (before !== undefined) this.#bare.delete(before.uid);
    if (bare !== null) this.#bare.add(bare);
  }
}
