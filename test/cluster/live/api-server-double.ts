import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { KubeApi } from '../../../src/cluster/live/kube-api.ts';
import { type Answer, failure, ObjectStore, type StoredEvent, selected } from './object-store.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  /** The body as it came over the wire. */
  readonly body: string;
}

/** What is to go wrong with the next request that fits. */
export interface Fault {
  readonly method: string;
  readonly path: string;
  /**
   * `lost`: it is done, but the connection breaks instead of an answer; `late`: it is done, but answered only at
   * `answerLate`; `silent`: nothing at all.
   */
  readonly how: 'lost' | 'late' | 'silent' | { readonly status: number; readonly headers?: Record<string, string> };
  /** Only requests with this in their query. */
  readonly query?: string;
}

interface OpenWatch {
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: SeenRequest['query'];
  sent: number;
}

/**
 * An apiserver that keeps objects in memory and speaks list, watch, patch and discovery over HTTP, with faults on
 * demand.
 */
export class ApiServerDouble extends ObjectStore {
  readonly requests: SeenRequest[] = [];
  /** Milliseconds that every answer takes. */
  latency = 0;
  /** Whose requests break their connection instead of being answered. */
  isCutOff: (request: SeenRequest) => boolean = () => false;
  readonly #server: Server;
  readonly #watches = new Set<OpenWatch>();
  readonly #faults: Fault[] = [];
  readonly #late: (() => void)[] = [];
  /** Changes after this version are held back. */
  #holdFrom = Number.POSITIVE_INFINITY;

  /** With empty pods, nodes, namespaces, HorizontalPodAutoscalers and the kinds of `apps`. */
  static async start(): Promise<ApiServerDouble> {
    const server = new ApiServerDouble();
    for (const resource of ['nodes', 'namespaces', 'pods']) server.serve(`/api/v1/${resource}`);
    for (const resource of ['deployments', 'replicasets', 'statefulsets', 'controllerrevisions']) {
      server.serve(`/apis/apps/v1/${resource}`);
    }
    server.serve('/apis/autoscaling/v2/horizontalpodautoscalers');
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  private constructor() {
    super();
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  get url(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  }

  /** A client of this server; TLS is left out. */
  client(token?: string): KubeApi {
    return new KubeApi(kubeConfig(this.url, token));
  }

  override withdraw(path: string): void {
    super.withdraw(path);
    this.dropWatches('end', path);
  }

  /** How many watches of a collection are open. */
  watching(path: string): number {
    return this.#watchesOf(path).length;
  }

  /** Keeps events back until `release`. */
  hold(): void {
    this.#holdFrom = this.version;
  }

  /** Lets the first few of the held changes go, or all of them and those to come. */
  release(changes = Number.POSITIVE_INFINITY): void {
    this.#holdFrom += changes;
    this.told();
  }

  /** Sends the answers that were to be late. */
  answerLate(): void {
    for (const answer of this.#late.splice(0)) answer();
  }

  /** Breaks the connections of watches, or ends them properly: all of them, or those of one collection. */
  dropWatches(how: 'reset' | 'end' = 'reset', path?: string): void {
    for (const watch of path === undefined ? [...this.#watches] : this.#watchesOf(path)) {
      this.#watches.delete(watch);
      if (how === 'reset') watch.response.destroy();
      else watch.response.end();
    }
  }

  /** Sends the watches of a collection an event as it is. */
  sendRaw(path: string, line: string): void {
    for (const { response } of this.#watchesOf(path)) response.write(line);
  }

  failNext(fault: Fault): void {
    this.#faults.push(fault);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Sends the watches what they have not been sent. */
  protected override told(): void {
    for (const watch of this.#watches) {
      const events = this.eventsSince(watch.path, watch.sent);
      if (isAnswer(events)) continue;
      for (const { version, type, object } of events) {
        if (version > this.#holdFrom) break;
        watch.sent = version;
        if (type !== 'BOOKMARK' && !selected(watch.query)(object)) continue;
        watch.response.write(`${JSON.stringify({ type, object })}\n`);
      }
    }
  }

  #watchesOf(path: string): readonly OpenWatch[] {
    return [...this.#watches].filter((watch) => watch.path === path);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const body = await text(request);
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body,
    };
    this.requests.push(seen);
    if (this.latency > 0) await setTimeout(this.latency);
    if (this.isCutOff(seen)) {
      request.socket.destroy();
      return;
    }
    const fault = this.#takeFault(seen, url.search);
    if (fault?.how === 'silent') return;
    if (typeof fault?.how === 'object') {
      const { status, headers = {} } = fault.how;
      reply(response, failure(status, 'Injected'), headers);
    } else if (seen.query.watch === 'true') {
      this.#watch(seen, response);
    } else {
      const answer = this.#exchange(seen);
      if (fault?.how === 'lost') request.socket.destroy();
      else if (fault?.how === 'late') this.#late.push(() => reply(response, answer));
      else reply(response, answer);
    }
  }

  #exchange({ method, path, query, body }: SeenRequest): Answer {
    switch (method) {
      case 'PATCH':
        return this.patch(path, body);
      case 'POST':
        return this.create(path, body);
      case 'PUT':
        return this.replace(path, body);
      default:
        return this.read(path, query);
    }
  }

  #takeFault({ method, path }: SeenRequest, search: string): Fault | undefined {
    const index = this.#faults.findIndex(
      (fault) => fault.method === method && fault.path === path && search.includes(fault.query ?? ''),
    );
    return index === -1 ? undefined : this.#faults.splice(index, 1)[0];
  }

  #watch({ path, query }: SeenRequest, response: ServerResponse): void {
    const sent = Number(query.resourceVersion);
    const events = this.eventsSince(path, sent);
    if (isAnswer(events)) {
      reply(response, events);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    const watch = { response, path, query, sent };
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
    this.told();
  }
}

/** A kubeconfig for a server without TLS. */
export function kubeConfig(server: string, token = 's3cret'): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'double', server, skipTLSVerify: true }, { name: 'tester', token });
  return config;
}

function reply(response: ServerResponse, [status, body]: Answer, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function isAnswer(events: readonly StoredEvent[] | Answer): events is Answer {
  return typeof events[0] === 'number';
}
