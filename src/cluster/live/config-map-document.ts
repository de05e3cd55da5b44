import { messageOf } from '../../domain/coded-error.ts';
import { type JsonObject, objectAt, textOf } from '../../workloads/core/json.ts';
import { beforeDeadline } from './clock.ts';
import { isConflict, isNotFound } from './kube-errors.ts';
import { ResourceWatch, type WatchSurroundings } from './watch-resource.ts';
import type { WatchedResource } from './watched-resource.ts';

export interface DocumentSurroundings extends WatchSurroundings {
  readonly namespace: string;
}

export interface DocumentOptions<T> extends DocumentSurroundings {
  /** Of the ConfigMap. */
  readonly name: string;
  /** Throws for a text that is no such document. */
  parse(text: string): T;
}

/** The key that holds the document. */
const KEY = 'document.json';
/** Milliseconds between two writes. */
const SPACING = 30_000;
/** Milliseconds that one may take: a shutdown waits for it. */
const WRITE_WITHIN = 5000;

/** One version of the ConfigMap. */
interface Stored {
  readonly version: string;
  /** Null where the ConfigMap has no document. */
  readonly text: string | null;
}

/**
 * One document in a ConfigMap of its own, for what the leader tells all replicas: each watches just that object. Where
 * there is none, or one that cannot be read, there is nothing to know, and the log says so once.
 */
export class ConfigMapDocument<T> {
  readonly #options: DocumentOptions<T>;
  readonly #watch: ResourceWatch<Stored>;
  #stored: Stored | null = null;
  #value: T | null = null;
  #writtenAt = Number.NEGATIVE_INFINITY;
  /** The version that was there when somebody else was faster, null for none; undefined while nobody was. */
  #lostAt: string | null | undefined;

  constructor(options: DocumentOptions<T>) {
    this.#options = options;
    this.#watch = new ResourceWatch(this.#resource(), options);
    // Not everybody waits for the first look.
    this.#watch.firstList.catch(() => undefined);
  }

  current(): T | null {
    return this.#value;
  }

  /** Resolves after the first look at the ConfigMap; rejects when that fails in a way that waiting won't mend. */
  get firstLook(): Promise<void> {
    return this.#watch.firstList;
  }

  /** Watches until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#watch.run(signal);
  }

  /**
   * Writes a document, unless it is there already or the last one was written less than half a minute ago: what is then
   * the document is offered again later. When somebody else was faster, the watch will show theirs; a conflict on what
   * it still shows by the next offer is none, but what a webhook denies as one. Resolves with whether the document stands
   * there now. Throws ClusterUnreachable or ApiError when it could not be written.
   */
  async offer(text: string): Promise<boolean> {
    const { clock } = this.#options;
    // Either way, in case somebody sets the clock back.
    const isSoon = Math.abs(clock.now() - this.#writtenAt) < SPACING;
    if (this.#stored?.text === text) return true;
    if (isSoon) return false;
    const version = this.#stored?.version ?? null;
    try {
      const object = await beforeDeadline(clock, clock.now() + WRITE_WITHIN, (late) => this.#write(text, late));
      this.#writtenAt = clock.now();
      this.#take(storedOf(object));
      return true;
    } catch (error) {
      if (this.#lostAt === version || (!isNotFound(error) && !isConflict(error))) throw error;
      this.#lostAt = version;
      return false;
    }
  }

  async #write(text: string, signal: AbortSignal): Promise<JsonObject> {
    const { api, namespace, name } = this.#options;
    const labels = { 'app.kubernetes.io/name': 'packdown' };
    const resourceVersion = this.#stored?.version;
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name, labels, ...(resourceVersion !== undefined && { resourceVersion }) },
      data: { [KEY]: text },
    };
    return resourceVersion === undefined
      ? api.post(this.#collection, object, signal)
      : api.put(`${this.#collection}/${name}`, object, signal);
  }

  get #collection(): string {
    return `/api/v1/namespaces/${this.#options.namespace}/configmaps`;
  }

  #resource(): WatchedResource<Stored> {
    const { name, log } = this.#options;
    return {
      name: `configmaps/${name}`,
      fieldSelector: `metadata.name=${name}`,
      path: async () => this.#collection,
      read: storedOf,
      replaced: ([stored]) => {
        // Whatever the version: a list tells also of an etcd that was restored from a backup.
        if (stored !== undefined) return this.#set(stored);
        log.info({ configMap: name }, 'there is none yet');
        this.#forget();
      },
      changed: (stored) => this.#take(stored),
      deleted: () => this.#forget(),
    };
  }

  #take(stored: Stored): void {
    // An event from before our own write must not undo it.
    if (Number(stored.version) >= Number(this.#stored?.version ?? 0)) this.#set(stored);
  }

  #set(stored: Stored): void {
    const isNews = stored.text !== this.#stored?.text;
    this.#stored = stored;
    if (isNews) this.#value = this.#parse(stored.text);
  }

  #forget(): void {
    this.#stored = null;
    this.#value = null;
  }

  #parse(text: string | null): T | null {
    const { name, parse, log } = this.#options;
    try {
      return parse(text ?? '');
    } catch (error) {
      log.warn({ configMap: name }, messageOf(error));
      return null;
    }
  }
}

function storedOf(configMap: JsonObject): Stored {
  return {
    version: textOf(objectAt(configMap, 'metadata').resourceVersion) ?? '',
    text: textOf(objectAt(configMap, 'data')[KEY]),
  };
}
