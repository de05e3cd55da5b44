import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { LogLevel } from '../../src/config/log-levels.ts';
import { type Certificates, makeCertificates } from '../../src/http/certificates.ts';
import type { Route } from '../../src/http/route.ts';
import type { RunningServer } from '../../src/http/running-server.ts';
import { type HttpsServerOptions, startServer } from '../../src/http/server.ts';
import { type Call, call, type Reply } from './http-client.ts';

export const certificates: Certificates = await makeCertificates({ now: new Date() });

/** Waits for everybody. */
export const PATIENT = {
  keepAliveTimeout: 60_000,
  headersTimeout: 60_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 10,
  unreadTimeout: 60_000,
  handshakeTimeout: 60_000,
};

export interface TestServer extends RunningServer {
  /** Every line logged so far. */
  readonly logged: readonly Record<string, unknown>[];
  /** Resolves with the next line logged. */
  nextLine(): Promise<Record<string, unknown>>;
  /** POSTs JSON to /validate unless told otherwise. */
  call(options?: Call): Promise<Reply>;
}

/** A log that keeps what is written to it, from this level on. */
export function recordingLog(level: LogLevel = 'info') {
  const logged: Record<string, unknown>[] = [];
  const waiting: ((line: Record<string, unknown>) => void)[] = [];
  const log = pino(
    { level, base: null, timestamp: false },
    {
      write(text: string) {
        const line: Record<string, unknown> = JSON.parse(text);
        logged.push(line);
        waiting.shift()?.(line);
      },
    },
  );
  return { log, logged, nextLine: () => new Promise<Record<string, unknown>>((resolve) => waiting.push(resolve)) };
}

/** The real server on a free port of 127.0.0.1, closed when the test ends. */
export async function serve(
  t: TestContext,
  routes: readonly Route[],
  clientCa: string | null = null,
  timeouts?: HttpsServerOptions['timeouts'],
  limits?: HttpsServerOptions['limits'],
): Promise<TestServer> {
  const { log, logged, nextLine } = recordingLog();
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    tls: certificates,
    clientCa,
    log,
    routes,
    ...(timeouts && { timeouts }),
    ...(limits && { limits }),
  });
  t.after(() => server.close(0));
  return {
    ...server,
    logged,
    nextLine,
    call: (options = {}) =>
      call({
        port: server.port,
        ca: certificates.ca,
        method: 'POST',
        path: '/validate',
        headers: { 'content-type': 'application/json' },
        body: '{}',
        ...options,
      }),
  };
}

/** Answers with the body it got. */
export const echo: Route = { path: '/validate', bodyLimit: 1024, handle: (body) => body };
