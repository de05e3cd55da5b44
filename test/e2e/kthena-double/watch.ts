import { setTimeout as delay } from 'node:timers/promises';
import { type ApiClient, ApiError } from '../control-plane/api-client.ts';

interface Listed {
  metadata: { resourceVersion?: string };
}

/** Receives what a list or a watch brought, in order. */
export interface Receiver<T> {
  /** Everything there is, after a list. */
  replaced(objects: T[]): void;
  changed(object: T): void;
  deleted(object: T): void;
}

/**
 * Lists and watches until the signal aborts; after any error it starts again with a list.
 *
 * @param path with its query, if only an empty one: the parameters of a watch are added to it
 */
export async function listAndWatch<T extends Listed>(
  api: ApiClient,
  path: string,
  receiver: Receiver<T>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const list = await api.get<{ metadata: { resourceVersion: string }; items: T[] }>(path);
      receiver.replaced(list.items);
      let version: string | undefined = list.metadata.resourceVersion;
      while (version !== undefined) version = await watchFrom(api, path, version, receiver, signal);
    } catch (error) {
      if (signal.aborted) return;
      // 429 is how the apiserver says that a new CRD is not served yet.
      if (!(error instanceof ApiError && error.status === 429))
        console.error(`watch of ${path} starts again: ${error}`);
    }
    await delay(200, undefined, { signal }).catch(() => undefined);
  }
}

/** Returns the version to go on from, or undefined when a new list is needed. */
async function watchFrom<T extends Listed>(
  api: ApiClient,
  path: string,
  version: string,
  receiver: Receiver<T>,
  signal: AbortSignal,
): Promise<string | undefined> {
  let last = version;
  const query = `&watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
  for await (const { type, object } of api.watch<T>(`${path}${query}`, signal)) {
    if (type === 'ERROR') return undefined;
    if (type === 'DELETED') receiver.deleted(object);
    else if (type !== 'BOOKMARK') receiver.changed(object);
    last = object.metadata.resourceVersion ?? last;
  }
  return last;
}

/** Delivers each call a while after it was made, and never before an earlier one. */
export class DelayedQueue {
  /** Milliseconds; a change holds for what is added from then on. */
  delay: number;
  readonly #waiting: { due: number; call: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(delay: number) {
    this.delay = delay;
  }

  add(call: () => void): void {
    this.#waiting.push({ due: performance.now() + this.delay, call });
    if (this.#timer === undefined) this.#deliver();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #deliver(): void {
    this.#timer = undefined;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const wait = next.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#deliver(), wait);
        return;
      }
      this.#waiting.shift();
      next.call();
    }
  }
}
