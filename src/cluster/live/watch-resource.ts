import { messageOf } from '../../domain/coded-error.ts';
import { SILENCE_LIMIT } from '../../domain/fleet/silence.ts';
import { isObject, type JsonObject, textOf } from '../../workloads/core/json.ts';
import { backOff } from './back-off.ts';
import type { Clock } from './clock.ts';
import type { KubeApi, Query } from './kube-api.ts';
import { ApiError, isExpired, isNotFound, isOverloadedOrAway, isTransient, QuietWatch } from './kube-errors.ts';
import { listPages } from './list-pages.ts';
import type { Log } from './log.ts';
import { ProblemLog } from './problem-log.ts';
import type { Knowledge, WatchedResource } from './watched-resource.ts';

/** How often to look whether a resource that is not served has appeared. */
const ABSENT_FOR = 30_000;
/**
 * A watch asks to be ended after 5 to 10 minutes, as other clients do, so that their load spreads over the apiservers.
 */
const SHORTEST_WATCH = 300;
/** The apiserver sends a bookmark about once a minute. */
const WATCH_SILENCE = 120_000;
/** After so many failures in a row the version that is asked for may be the reason. */
const FAILURES_BEFORE_LIST = 8;
/**
 * After so many, which take some seconds, a kind that cannot be listed is done without, and whoever cannot do without it
 * waits no longer.
 */
const FAILURES_BEFORE_READY = 4;
/** Milliseconds without a word after which it is given up, a little before all of the fleet would count as silent. */
const GIVEN_UP_AFTER = 0.8 * SILENCE_LIMIT;

export interface WatchSurroundings {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds after which a watch that says nothing, not even a bookmark, is taken for dead and opened anew. */
  readonly watchSilence?: number;
}

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
  /** How often in a row it could not be watched from this version, perhaps because of it. */
  #attempts = 0;
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
   * Resolves after the first list; rejects when that fails in a way that waiting won't mend, or again and again, or when
   * the signal aborts.
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
    const read = (object: JsonObject) => this.#read(object);
    const { items, resourceVersion } = await listPages(this.#api, this.#clock, path, this.#selection, read, signal);
    this.#path = path;
    this.#version = resourceVersion;
    this.#resource.reached?.(resourceVersion);
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
      this.#doWithout(error);
      throw error;
    }
  }

  /**
   * Whoever else is listed and watched is not to wait for a kind that the apiserver answers for with errors, as of a CRD
   * whose conversion webhook is down: nothing is known of it then. Where nobody answers, the whole apiserver is away, and
   * this kind may be there once it is back.
   */
  #doWithout(error: unknown): void {
    const isAnswered = error instanceof ApiError && !isOverloadedOrAway(error);
    if (!isAnswered || this.#resource.isOptional !== true || this.#knowledge === 'unavailable') return;
    if (this.#knowledge !== 'unknown') {
      if (this.#clock.now() - (this.#heardAt ?? 0) < GIVEN_UP_AFTER) return;
      this.#resource.replaced([]);
      this.#version = null;
      this.#problems.report('warn', 'has failed for minutes: until it is heard of again nothing is known of them');
    }
    this.#knowledge = 'unavailable';
    this.#firstList.resolve();
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
    this.#attempts = 0;
    this.#problems.solved();
  }

  async #follow(from: string, signal: AbortSignal): Promise<void> {
    const timeoutSeconds = `${Math.round(SHORTEST_WATCH * (1 + Math.random()))}`;
    const query = { ...this.#selection, resourceVersion: from, allowWatchBookmarks: 'true', timeoutSeconds };
    for await (const { type, object } of this.#api.watch(this.#path, query, this.#watchSilence, signal)) {
      if (type === 'DELETED') this.#resource.deleted(object);
      else if (type !== 'BOOKMARK') this.#changed(object);
      const version = isObject(object.metadata) ? textOf(object.metadata.resourceVersion) : null;
      if (version !== null) {
        this.#version = version;
        this.#resource.reached?.(version);
      }
      this.#recovered();
    }
    // Ended by the server, as asked for. Only one that ends without a word must not be asked again at once.
    if (this.#version !== from) return;
    if (this.#clock.now() - (this.#heardAt ?? 0) >= this.#watchSilence) this.#version = null;
    await this.#pause(null, signal);
  }

  #changed(object: JsonObject): void {
    const item = this.#read(object);
    if (item !== undefined) this.#resource.changed(item);
    // What was known of it holds no longer, and a list would leave it out.
    else if (isObject(object.metadata) && textOf(object.metadata.name) !== null) this.#resource.deleted(object);
  }

  #read(object: JsonObject): T | undefined {
    try {
      return this.#resource.read(object);
    } catch (error) {
      const { namespace, name } = isObject(object.metadata) ? object.metadata : {};
      this.#problems.unreadable(textOf(namespace) ?? '', textOf(name) ?? '', messageOf(error));
      return undefined;
    }
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const wasWatched = this.#version !== null;
    if (isNotFound(error) && !wasWatched && this.#resource.isOptional === true) return this.#absent(signal);
    if (wasWatched && (isExpired(error) || isNotFound(error) || this.#isFutile(error))) {
      this.#version = null;
      this.#attempts = 0;
    } else if (!isBusy(error)) this.#firstList.reject(error);
    if (this.#failures >= FAILURES_BEFORE_READY) {
      this.#doWithout(error);
      this.#firstList.reject(error);
    }
    this.#problems.report(isExpired(error) ? 'info' : 'warn', messageOf(error));
    await this.#pause(error instanceof ApiError ? error.retryAfter : null, signal);
  }

  /** From a version that this apiserver never had, as after a restore of etcd, a watch is open and hears nothing. */
  #isFutile(error: unknown): boolean {
    if (isOverloadedOrAway(error)) return false;
    this.#attempts += 1;
    return this.#attempts > FAILURES_BEFORE_LIST || (error instanceof QuietWatch && this.#failures > 0);
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
