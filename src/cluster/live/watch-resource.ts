import { messageOf } from '../../domain/coded-error.ts';
import { isObject, type JsonObject, textOf } from '../../workloads/core/json.ts';
import { backOff } from './back-off.ts';
import type { Clock } from './clock.ts';
import type { KubeApi, Query } from './kube-api.ts';
import { ApiError, isNotFound, isTransient, QuietWatch } from './kube-errors.ts';
import type { Log } from './log.ts';
import { ProblemLog } from './problem-log.ts';

const PAGE = 500;
/** How often to look whether a resource that is not served has appeared. */
const ABSENT_FOR = 30_000;
/**
 * A watch asks to be ended after 5 to 10 minutes, as other clients do, so that their load spreads over the apiservers.
 */
const SHORTEST_WATCH = 300;
/** The apiserver sends a bookmark about once a minute. */
const WATCH_SILENCE = 150_000;
/** After so many failures in a row the version that is asked for may be the reason. */
const FAILURES_BEFORE_LIST = 8;

/**
 * What is watched and who hears of it. `T` is the little that is kept of an object, so that pages of whole ones are
 * garbage at once.
 */
export interface WatchedResource<T> {
  /** The plural, for the log. */
  readonly name: string;
  /** Which objects of the resource; all of them where it is left out. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Where it is listed; null while the apiserver does not serve it. */
  path(signal: AbortSignal): Promise<string | null>;
  /** Throws for an object that can't be read: it is logged and left out. */
  read(object: JsonObject): T;
  /** These are all there are: what is not among them is gone. */
  replaced(items: readonly T[]): void;
  changed(item: T): void;
  deleted(object: JsonObject): void;
  /** All that happened up to this resourceVersion has been told, or is told at once. */
  reached?(resourceVersion: string): void;
}

export interface WatchSurroundings {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds after which a watch that says nothing, not even a bookmark, is taken for dead and opened anew. */
  readonly watchSilence?: number;
}

/**
 * What is known of a resource: `unknown` until it has been listed, or `undiscovered` when the apiserver could not even
 * say whether it serves it; `absent` while it does not.
 */
export type Knowledge = 'unknown' | 'undiscovered' | 'absent' | 'listed';

/** Lists a resource, watches it from there, and starts again after whatever goes wrong. */
export class ResourceWatch<T> {
  readonly #resource: WatchedResource<T>;
  readonly #api: KubeApi;
  readonly #clock: Clock;
  readonly #problems: ProblemLog;
  readonly #watchSilence: number;
  readonly #firstList = Promise.withResolvers<void>();
  #path = '';
  /** Where to watch from; null when only a list can tell. */
  #version: string | null = null;
  #failures = 0;
  #knowledge: Knowledge = 'unknown';
  #heardAt: number | null = null;

  constructor(resource: WatchedResource<T>, { api, clock, log, watchSilence = WATCH_SILENCE }: WatchSurroundings) {
    this.#resource = resource;
    this.#api = api;
    this.#clock = clock;
    this.#problems = new ProblemLog(log, resource.name);
    this.#watchSilence = watchSilence;
  }

  get name(): string {
    return this.#resource.name;
  }

  /**
   * Resolves after the first list; rejects when that fails in a way that waiting won't mend, or when the signal aborts.
   */
  get firstList(): Promise<void> {
    return this.#firstList.promise;
  }

  get knowledge(): Knowledge {
    return this.#knowledge;
  }

  /**
   * When the apiserver last told anything, a bookmark included, in milliseconds since the epoch; now, as long as it
   * says that it does not serve the resource; null before the first list.
   */
  get heardAt(): number | null {
    return this.#knowledge === 'absent' && this.#failures === 0 ? this.#clock.now() : this.#heardAt;
  }

  /** Resolves when the signal aborts, never earlier. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#version === null) await this.#list(signal);
        else await this.#follow(this.#version, signal);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error, signal);
      }
    }
    this.#firstList.reject(signal.reason);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const path = await this.#discover(signal);
    if (path === null) return this.#absent(signal);
    const items: T[] = [];
    let version = '';
    let next = '';
    do {
      const query = { ...this.#selection, limit: `${PAGE}`, ...(next !== '' && { continue: next }) };
      const take = (object: JsonObject) => this.#read(object, (item) => items.push(item));
      const metadata = await this.#api.list(path, query, take, signal);
      version = textOf(metadata.resourceVersion) ?? '0';
      next = textOf(metadata.continue) ?? '';
    } while (next !== '');
    this.#path = path;
    this.#version = version;
    this.#resource.reached?.(version);
    this.#replaced(items, 'listed');
  }

  get #selection(): Query {
    const { fieldSelector, labelSelector } = this.#resource;
    return {
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(labelSelector !== undefined && { labelSelector }),
    };
  }

  async #discover(signal: AbortSignal): Promise<string | null> {
    try {
      return await this.#resource.path(signal);
    } catch (error) {
      // Where nobody answers, the whole apiserver is away, and this kind may be there once it is back.
      if (error instanceof ApiError && this.#knowledge === 'unknown') this.#knowledge = 'undiscovered';
      throw error;
    }
  }

  async #absent(signal: AbortSignal): Promise<void> {
    this.#replaced([], 'absent');
    this.#recovered();
    await this.#clock.delay(ABSENT_FOR, signal);
  }

  #replaced(items: readonly T[], knowledge: Knowledge): void {
    this.#resource.replaced(items);
    this.#knowledge = knowledge;
    this.#heardAt = this.#clock.now();
    this.#firstList.resolve();
  }

  /**
   * Only a watch that tells something, or an answer that there is none, ends a row of failures: a list that is followed
   * by none does not.
   */
  #recovered(): void {
    this.#heardAt = this.#clock.now();
    this.#failures = 0;
    this.#problems.solved();
  }

  async #follow(from: string, signal: AbortSignal): Promise<void> {
    const timeoutSeconds = `${Math.round(SHORTEST_WATCH * (1 + Math.random()))}`;
    const query = { ...this.#selection, resourceVersion: from, allowWatchBookmarks: 'true', timeoutSeconds };
    for await (const { type, object } of this.#api.watch(this.#path, query, this.#watchSilence, signal)) {
      if (type === 'DELETED') this.#resource.deleted(object);
      else if (type !== 'BOOKMARK') this.#read(object, (item) => this.#resource.changed(item));
      const version = isObject(object.metadata) ? textOf(object.metadata.resourceVersion) : null;
      if (version !== null) {
        this.#version = version;
        this.#resource.reached?.(version);
      }
      this.#recovered();
    }
    // Ended by the server, as asked for. Only one that ends without a word must not be asked again at once.
    if (this.#version === from) await this.#pause(null, signal);
  }

  #read(object: JsonObject, take: (item: T) => void): void {
    let item: T;
    try {
      item = this.#resource.read(object);
    } catch (error) {
      const { namespace, name } = isObject(object.metadata) ? object.metadata : {};
      this.#problems.unreadable(textOf(namespace) ?? '', textOf(name) ?? '', messageOf(error));
      return;
    }
    take(item);
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    if (isNotFound(error) && this.#version === null) return this.#absent(signal);
    const expired = error instanceof ApiError && error.status === 410;
    // From a version that this apiserver never had, as after a restore of etcd, a watch is open and hears nothing.
    const futile = this.#failures >= FAILURES_BEFORE_LIST || (error instanceof QuietWatch && this.#failures > 0);
    if (expired || isNotFound(error) || futile) this.#version = null;
    else if (!isBusy(error)) this.#firstList.reject(error);
    this.#problems.report(expired ? 'info' : 'warn', messageOf(error));
    await this.#pause(error instanceof ApiError ? error.retryAfter : null, signal);
  }

  async #pause(retryAfter: number | null, signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    await this.#clock.delay(Math.max(backOff(this.#failures), retryAfter ?? 0), signal);
  }
}

/** An apiserver that answers, but not now. */
function isBusy(error: unknown): boolean {
  return error instanceof ApiError && isTransient(error);
}
