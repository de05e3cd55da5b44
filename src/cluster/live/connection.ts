import type { RequestOptions } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import type { Cluster, KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { unreadable } from './kube-config.ts';
import { ClusterUnreachable } from './kube-errors.ts';

const CONNECT_WITHIN = 5000;

/** What a request needs besides its own path and body. */
export interface Credentials {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The way to one apiserver: its address, and credentials that are read anew for every request, so that they may rotate.
 */
export class Connection {
  readonly origin: string;
  /** The path of the server's URL without a slash at the end, as gateways in front of several clusters use it. */
  readonly basePath: string;
  readonly #config: KubeConfig;
  readonly #proxy: string | null;
  #tls: TlsOptions | null = null;
  #dispatcher: Dispatcher | null = null;

  /** Throws CodedError `UnreadableKubeconfig` when the current context leads to no server with TLS. */
  constructor(config: KubeConfig) {
    const cluster = config.getCurrentCluster();
    if (cluster === null || !URL.canParse(cluster.server)) {
      throw unreadable(
        'its current context names no cluster with a server; choose one with kubectl config use-context',
      );
    }
    const { origin, pathname, protocol } = new URL(cluster.server);
    if (protocol !== 'https:' && !cluster.skipTLSVerify) {
      throw unreadable(`its server ${origin} is not https; pass another kubeconfig, or set insecure-skip-tls-verify`);
    }
    this.origin = origin;
    this.basePath = pathname.replace(/\/+$/, '');
    this.#config = config;
    this.#proxy = proxyOf(cluster);
  }

  /**
   * Throws ClusterUnreachable when a token, a certificate or an exec plugin fails; what the plugin printed stays out of
   * it.
   */
  async credentials(): Promise<Credentials> {
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
      throw new ClusterUnreachable(this.origin, `the credentials in the kubeconfig cannot be had${code}`);
    }
    return { dispatcher: this.#dispatcherFor(tlsOf(options)), headers: headersOf(options) };
  }

  async close(): Promise<void> {
    await this.#dispatcher?.destroy();
  }

  #dispatcherFor(tls: TlsOptions): Dispatcher {
    if (this.#dispatcher !== null && isDeepStrictEqual(tls, this.#tls)) return this.#dispatcher;
    // Requests under way end on the old certificate.
    void this.#dispatcher?.close();
    this.#tls = tls;
    this.#dispatcher = dispatcherOf(tls, this.#proxy);
    return this.#dispatcher;
  }
}

type TlsOptions = Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;

function tlsOf({ ca, cert, key, rejectUnauthorized, servername }: RequestOptions): TlsOptions {
  return { ca, cert, key, servername, ...(rejectUnauthorized !== undefined && { rejectUnauthorized }) };
}

/** HTTP/1.1, so that every watch has a connection of its own and none holds up the others. */
function dispatcherOf(tls: TlsOptions, proxy: string | null): Dispatcher {
  if (proxy !== null) return new ProxyAgent({ uri: proxy, requestTls: tls, allowH2: false });
  return new Agent({ connect: { ...tls, timeout: CONNECT_WITHIN }, allowH2: false });
}

function proxyOf({ proxyUrl }: Cluster): string | null {
  if (proxyUrl === undefined || proxyUrl === '') return null;
  if (proxyUrl.startsWith('socks')) throw unreadable('its proxy-url is a SOCKS proxy; only an HTTP proxy can be used');
  return proxyUrl;
}

function headersOf({ auth, headers }: RequestOptions): Record<string, string> {
  const texts = Object.entries(headers ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  // A token file often ends in a newline, which no header may.
  return { ...basic, ...Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), value.trim()])) };
}
