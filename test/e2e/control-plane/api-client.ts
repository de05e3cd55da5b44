import { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher } from 'undici';

/** An answer of the apiserver with a status of 400 or more. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Plain JSON over HTTP to an apiserver, with nothing between the test and the wire. */
export interface ApiClient {
  /** Whether /readyz answers 200. */
  ready(): Promise<boolean>;
  get<T>(path: string): Promise<T>;
  create<T>(path: string, body: object): Promise<T>;
  patch<T>(path: string, body: object, type: 'merge' | 'json'): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** Yields the events of a watch until the apiserver ends it or the signal aborts it. */
  watch<T>(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent<T>>;
  close(): Promise<void>;
}

export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: T;
}

/** A client with the server and credentials of a kubeconfig's current context. */
export async function apiClient(kubeconfigFile: string): Promise<ApiClient> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigFile);
  const origin = config.getCurrentCluster()?.server;
  if (origin === undefined) throw new Error(`${kubeconfigFile} has no current cluster`);
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key } = options;
  const agent = new Agent({ connect: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } });
  const authorization = Object.entries(options.headers ?? {}).flatMap(([name, value]) =>
    name.toLowerCase() === 'authorization' && typeof value === 'string' ? [value] : [],
  );
  const headers = { accept: 'application/json', ...(authorization[0] && { authorization: authorization[0] }) };

  const request = async <T>(method: Dispatcher.HttpMethod, path: string, body?: object, type = 'application/json') => {
    const answer = await agent.request({
      origin,
      method,
      path,
      headers: body === undefined ? headers : { ...headers, 'content-type': type },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400)
      throw new ApiError(answer.statusCode, `${method} ${path}: ${answer.statusCode} ${text}`);
    const parsed: T = JSON.parse(text);
    return parsed;
  };

  return {
    ready: async () => {
      const answer = await agent.request({ origin, method: 'GET', path: '/readyz', headers });
      await answer.body.dump();
      return answer.statusCode === 200;
    },
    get: (path) => request('GET', path),
    create: (path, body) => request('POST', path, body),
    patch: (path, body, type) =>
      request('PATCH', path, body, `application/${type === 'merge' ? 'merge-patch' : 'json-patch'}+json`),
    delete: (path) => request('DELETE', path),
    watch: async function* <T>(path: string, signal: AbortSignal) {
      const answer = await agent.request({ origin, method: 'GET', path, headers, signal, bodyTimeout: 0 });
      if (answer.statusCode >= 400) throw new ApiError(answer.statusCode, `GET ${path}: ${await answer.body.text()}`);
      yield* jsonLines<WatchEvent<T>>(answer.body);
    },
    close: () => agent.destroy(),
  };
}

async function* jsonLines<T>(body: Dispatcher.ResponseData['body']): AsyncGenerator<T> {
  let rest = '';
  for await (const chunk of body.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const value: T = JSON.parse(line);
      yield value;
    }
  }
}
