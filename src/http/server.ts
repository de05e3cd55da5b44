import { createServer } from 'node:https';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createApp, type OnRequestRefused, TIMEOUTS, type Timeouts } from './app.ts';
import { requireClientCertificate } from './client-certificate.ts';
import { handshakeFailure, type OnHandshakeFailed } from './handshake-failure.ts';
import { LIMITS, type Limits, limitBodyMemory, limitConnections } from './limits.ts';
import { patienceOf } from './patience.ts';
import { emptyBody } from './problem.ts';
import { readBodies } from './read-json.ts';
import type { Route } from './route.ts';
import { type RunningServer, run } from './running-server.ts';
import { secureContextOptions, type TlsSettings } from './tls-settings.ts';

/** Milliseconds that a client gets for its TLS handshake. */
const HANDSHAKE_TIMEOUT = 10_000;

/**
 * Characters, or bytes, from which on an answer does not wait for others: half of what node buffers of a connection.
 * One that fills that would not be done with when an eager client's next request comes in, and node (24.21) takes a
 * request that it has to hold back over TLS for a malformed one, HPE_PAUSED.
 */
const LONG = 32 * 1024;

export interface HttpsServerOptions extends TlsSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: Logger;
  readonly routes: readonly Route[];
  readonly onRequestRefused?: OnRequestRefused;
  readonly onHandshakeFailed?: OnHandshakeFailed;
  /** Those of `TIMEOUTS` by default, and 10 s for a TLS handshake. */
  readonly timeouts?: Timeouts & { readonly handshakeTimeout: number };
  /** Those of `LIMITS` by default. */
  readonly limits?: Limits;
}

export interface HttpsServer extends RunningServer {
  /**
   * New connections get these settings, and none resumes a session from before; open ones go on as they are. Whether
   * clients need a certificate at all stays as it was at the start.
   *
   * @throws CodedError `InvalidCertificate`, `InvalidClientCa`; the settings before then stay in use.
   */
  useTls(settings: TlsSettings): void;
}

/**
 * Serves `routes` over HTTPS.
 *
 * @throws CodedError `InvalidCertificate`, `InvalidClientCa`, `CannotListen`
 */
export async function startServer(options: HttpsServerOptions): Promise<HttpsServer> {
  const { log, routes, timeouts = { ...TIMEOUTS, handshakeTimeout: HANDSHAKE_TIMEOUT } } = options;
  const server = createServer({
    ...timeouts,
    ...secureContextOptions(options),
    requestCert: options.clientCa !== null,
    rejectUnauthorized: false,
  });
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException, { remoteAddress }) =>
    options.onHandshakeFailed?.(handshakeFailure(code), code, remoteAddress),
  );
  const app = createApp(server, log, timeouts, options.onRequestRefused);
  const { connections, bodyMemory } = options.limits ?? LIMITS;
  limitConnections(server, log, connections);
  limitBodyMemory(app, bodyMemory);
  if (options.clientCa !== null) app.addHook('onRequest', requireClientCertificate);
  for (const route of routes) {
    // Of its own, so that it may read bodies in its own way.
    app.register(async (scope) => {
      readBodies(scope, route);
      addRoute(scope, route);
    });
  }
  const running = await run(app, options.host, options.port);
  return { ...running, useTls: (settings) => server.setSecureContext(secureContextOptions(settings)) };
}

function addRoute(app: FastifyInstance, { path, bodyLimit, handle }: Route): void {
  // No async function: most is decided at once.
  app.post<{ Querystring: { timeout?: unknown } }>(path, { bodyLimit }, (request, reply) => {
    if (request.body === undefined) throw emptyBody(path);
    reply.type('application/json; charset=utf-8');
    const answer = (value: unknown) => {
      const json = Buffer.isBuffer(value) ? value : JSON.stringify(value);
      // After whatever else has come in: answers that are written together wake who waits for them once, and to wake
      // somebody takes about as long as to judge a review.
      return json.length < LONG ? setImmediate(json) : json;
    };
    const handled = handle(request.body, patienceOf(request.query.timeout));
    return handled instanceof Promise ? handled.then(answer) : answer(handled);
  });
}
