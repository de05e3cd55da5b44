import { X509Certificate } from 'node:crypto';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { Logger } from 'pino';
import { CodedError } from '../domain/coded-error.ts';
import { createApp, TIMEOUTS } from './app.ts';
import { requireClientCertificate } from './client-certificate.ts';
import { RequestError } from './problem.ts';
import type { Route } from './route.ts';
import { type RunningServer, run } from './running-server.ts';

/** Milliseconds that a client gets for its TLS handshake. */
const HANDSHAKE_TIMEOUT = 10_000;

export interface HttpsServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Both PEM. */
  readonly tls: { readonly cert: string; readonly key: string };
  /** PEM; when set, every request needs a client certificate that this CA has signed. */
  readonly clientCa: string | null;
  readonly log: Logger;
  readonly routes: readonly Route[];
}

/**
 * Serves `routes` over HTTPS.
 *
 * @throws CodedError `InvalidCertificate`, `InvalidClientCa`, `CannotListen`
 */
export async function startServer(options: HttpsServerOptions): Promise<RunningServer> {
  const { log, routes } = options;
  const server = createTlsServer(options);
  // ERR_SSL_…_ALERT_… is what the caller says: of an unknown CA or a bad certificate when its caBundle is not ours.
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'ECONNRESET') log.warn({ code }, 'TLS handshake failed');
  });
  const app = createApp(server, log);
  if (options.clientCa !== null) app.addHook('onRequest', requireClientCertificate);
  for (const route of routes) {
    app.post(route.path, { bodyLimit: route.bodyLimit }, async (request, reply) => {
      if (request.body === undefined) {
        throw new RequestError(400, 'EmptyBody', `The body sent to ${route.path} is empty: send JSON.`);
      }
      const value = await route.handle(request.body);
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(value));
    });
  }
  return run(app, options.host, options.port);
}

function createTlsServer({ tls, clientCa }: HttpsServerOptions): Server {
  const clientOptions: ServerOptions =
    clientCa === null ? {} : { ca: checkedCa(clientCa), requestCert: true, rejectUnauthorized: false };
  try {
    return createServer({
      ...TIMEOUTS,
      ...clientOptions,
      cert: tls.cert,
      key: tls.key,
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_TIMEOUT,
    });
  } catch (error) {
    throw new CodedError(
      'InvalidCertificate',
      `The TLS certificate or key cannot be used (${reasonOf(error)}): give a PEM pair.`,
    );
  }
}

/** Node takes anything for a CA and would then refuse every client without saying why. */
function checkedCa(pem: string): string {
  try {
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw new CodedError(
      'InvalidClientCa',
      `The client CA cannot be used (${reasonOf(error)}): give a PEM certificate.`,
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
