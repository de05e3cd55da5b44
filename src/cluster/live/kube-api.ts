import type { KubeConfig } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { CodedError } from '../../domain/coded-error.ts';
import { isObject, type JsonObject, objectAt } from '../../workloads/core/json.ts';
import type { PatchOperation } from '../../workloads/core/json-patch.ts';
import { Connection } from './connection.ts';
import { jsonLines } from './json-lines.ts';
import { podKubeConfig, readKubeConfig } from './kube-config.ts';
import { ApiError, ClusterUnreachable, QuietWatch, statusError } from './kube-errors.ts';
import { listItems } from './list-items.ts';

const ANSWER_WITHIN = 30_000;

export type Query = Readonly<Record<string, string>>;

type Method = 'GET' | 'PATCH' | 'POST' | 'PUT';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: JsonObject;
}

/**
 * A small client of the Kubernetes API. Every call throws ClusterUnreachable when no answer came in time, ApiError for
 * a status of 400 or more, and the signal's reason once that is aborted.
 */
export class KubeApi {
  /** The namespace of the current context, in a cluster the pod's own; null where none is named. */
  readonly namespace: string | null;
  readonly #connection: Connection;

  /** Throws CodedError `UnreadableKubeconfig`. */
  constructor(config: KubeConfig) {
    this.#connection = new Connection(config);
    this.namespace = config.getContextObject(config.getCurrentContext())?.namespace?.trim() || null;
  }

  /**
   * The current context of a kubeconfig; without a path, of the one that kubectl would use. Throws CodedError
   * `UnreadableKubeconfig`.
   */
  static async fromKubeconfig(path: string | undefined): Promise<KubeApi> {
    return new KubeApi(await readKubeConfig(path));
  }

  /**
   * The apiserver of the cluster that this pod runs in, with the pod's ServiceAccount. Throws CodedError
   * `UnreadableKubeconfig`.
   */
  static async inCluster(): Promise<KubeApi> {
    return new KubeApi(await podKubeConfig());
  }

  async get(path: string, signal?: AbortSignal): Promise<JsonObject> {
    return this.#exchange('GET', path, signal, null);
  }

  /** Gives every item of a list, or of a page of it, to `onItem` and returns the list's metadata. */
  async list(path: string, query: Query, onItem: (item: JsonObject) => void, signal: AbortSignal): Promise<JsonObject> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN)]);
    try {
      const answer = await this.#send('GET', path, query, { signal: bounded });
      const list = await listItems(answer.body, (item) => {
        if (isObject(item)) onItem(item);
      });
      return objectAt(list, 'metadata');
    } catch (error) {
      throw this.#explain(error, signal);
    }
  }

  /** The object as it is after the patch. */
  async patch(path: string, operations: readonly PatchOperation[], signal?: AbortSignal): Promise<JsonObject> {
    return this.#exchange('PATCH', path, signal, JSON.stringify(operations));
  }

  /** Creates an object in the collection at this path; the object as it then is. */
  async post(path: string, object: JsonObject, signal?: AbortSignal): Promise<JsonObject> {
    return this.#exchange('POST', path, signal, JSON.stringify(object));
  }

  /** Replaces an object, while it has the resourceVersion that is given; the object as it then is. */
  async put(path: string, object: JsonObject, signal?: AbortSignal): Promise<JsonObject> {
    return this.#exchange('PUT', path, signal, JSON.stringify(object));
  }

  /**
   * The events of a watch until the server ends it; the server's ERROR event is thrown as an ApiError, and silence for
   * longer than `silence` milliseconds as QuietWatch.
   */
  async *watch(
    path: string,
    query: Query,
    silence: number,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent, void, undefined> {
    try {
      const timeouts = { headersTimeout: ANSWER_WITHIN, bodyTimeout: silence };
      const answer = await this.#send('GET', path, { ...query, watch: 'true' }, { signal, ...timeouts });
      for await (const value of jsonLines(answer.body)) yield watchEvent(value, path);
    } catch (error) {
      throw this.#explain(error, signal);
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #exchange(
    method: Method,
    path: string,
    signal: AbortSignal | undefined,
    body: string | null,
  ): Promise<JsonObject> {
    const late = AbortSignal.timeout(ANSWER_WITHIN);
    const bounded = signal === undefined ? late : AbortSignal.any([signal, late]);
    try {
      const answer = await this.#send(method, path, {}, { signal: bounded, body });
      const text = await answer.body.text();
      const value = parse(text);
      if (!isObject(value)) throw new ApiError(`${method} ${path}`, answer.statusCode, '', 'no JSON object', null);
      return value;
    } catch (error) {
      throw this.#explain(error, signal);
    }
  }

  async #send(
    method: Method,
    path: string,
    query: Query,
    options: Pick<Dispatcher.RequestOptions, 'signal' | 'body' | 'headersTimeout' | 'bodyTimeout'>,
  ): Promise<Dispatcher.ResponseData> {
    const { dispatcher, headers } = await this.#connection.credentials();
    const search = new URLSearchParams(query).toString();
    const answer = await dispatcher.request({
      ...options,
      origin: this.#connection.origin,
      path: `${this.#connection.basePath}${path}${search === '' ? '' : `?${search}`}`,
      method,
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': 'packdown',
        ...(method !== 'GET' && {
          'content-type': method === 'PATCH' ? 'application/json-patch+json' : 'application/json',
        }),
      },
    });
    if (answer.statusCode < 400) return answer;
    const status = parse(await answer.body.text());
    throw statusError(`${method} ${path}`, answer.statusCode, status, answer.headers['retry-after']);
  }

  #explain(error: unknown, signal: AbortSignal | undefined): unknown {
    if (error instanceof CodedError) return error;
    if (signal?.aborted === true) return signal.reason;
    if (error instanceof Error && error.name === 'BodyTimeoutError') return new QuietWatch(this.#connection.origin);
    return new ClusterUnreachable(this.#connection.origin, reasonOf(error));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function watchEvent(value: unknown, path: string): WatchEvent {
  const { type } = objectAt(value);
  const object = objectAt(value, 'object');
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      return { type, object };
    default:
      throw statusError(`the watch of ${path}`, typeof object.code === 'number' ? object.code : 500, object, undefined);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_WITHIN / 1000} s`;
  // The parser's own message quotes what it read.
  if (error instanceof SyntaxError) return 'what it sent is not the JSON of a Kubernetes API';
  // Node leaves the message empty when a name has several addresses and none of them answers.
  if (error.message === '' && 'code' in error) return String(error.code);
  return error.message;
}
