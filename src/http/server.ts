import { createServer } from 'node:https';
import type { Logger } from 'pino';
import { createApp, TIMEOUTS, type Timeouts } from './app.ts';
import { requireClientCertificate } from './client-certificate.ts';
import { RequestError } from './problem.ts';
import type { Route } from './route.ts';
import { type RunningServer, run } from './running-server.ts';
import { secureContextOptions, type TlsSettings } from './tls-settings.ts';

/** Milliseconds that a client gets for its TLS handshake. */
const HANDSHAKE_TIMEOUT = 10_000;

export interface HttpsServerOptions extends TlsSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: Logger;
  readonly routes: readonly Route[];
  /** Those of `TIMEOUTS` by default, and 10 s for a TLS handshake. */
  readonly timeouts?: Timeouts & { readonly handshakeTimeout: number };
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
  // ERR_SSL_…_ALERT_… is what the caller says: of an unknown CA or a bad certificate when its caBundle is not ours.
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ECONNRESET') log.warn({ code }, 'TLS handshake failed');
  });
  const app = createApp(server, log, timeouts);
  if (options.clientCa !== null) app.addHook('onRequest', requireClientCertificate);
  for (const route of routes) {
    app.post(route.path, { bodyLimit: route.bodyLimit }, async (request, reply) => {
      if (request.body === undefined) {
        throw new RequestError(400, 'EmptyBody', `The body sent to ${route.path} is empty: send JSON.`);
      }
      const value = await route.handle(request.body);
      return reply.type('application/json; charset=utf-8').send(Buffer.isBuffer(value) ? value : JSON.stringify(value));
    });
  }
  const running = await run(app, options.host, options.port);
  return { ...running, useTls: (settings) => server.setSecureContext(secureContextOptions(settings)) };
}
