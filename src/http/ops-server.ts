import { createServer } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { createApp, TIMEOUTS, type Timeouts } from './app.ts';
import { limitConnections } from './limits.ts';
import { addLogLevel } from './log-level.ts';
import { isLoopback, isLoopbackName } from './loopback.ts';
import { pathOf, problemBody, RequestError } from './problem.ts';
import { type RunningServer, run } from './running-server.ts';

export interface OpsServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: Logger;
  readonly version: string;
  /** Why the server should get no traffic now, null when it should. */
  unready(): string | null;
  /** The parts of the server that `GET /readyz?verbose` tells of. */
  checks(): readonly Check[];
  /** The value, or a promise of it, of `GET /costs`. */
  costs(): unknown;
  /** The value, or a promise of it, of `GET /plan`; a CodedError is answered 400. */
  plan(query: PlanQuery): unknown;
  readonly metrics: MetricsSource;
  /** Whether /costs and /plan answer other hosts too. */
  readonly exposeFleet: boolean;
  /** Those of `TIMEOUTS` by default. */
  readonly timeouts?: Timeouts;
}

/** The text of `GET /metrics`, and in which of Prometheus' formats it is. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** One line of a verbose probe, as Kubernetes' own components print it. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** `ok`, or what is wrong. */
  readonly says: string;
}

/** The query of `GET /plan`, in the words of the command line's --scale and --policy. */
export interface PlanQuery {
  readonly scales: readonly string[];
  readonly policy: string | null;
}

/** Probes, a few Prometheus servers, and people. */
const CONNECTIONS = 100;

/**
 * Serves probes, metrics, the version and what the fleet looks like, over plain HTTP.
 *
 * @throws CodedError `CannotListen`
 */
export async function startOpsServer(options: OpsServerOptions): Promise<RunningServer> {
  const { timeouts = TIMEOUTS } = options;
  const server = createServer(timeouts);
  limitConnections(server, options.log, CONNECTIONS);
  const app = createApp(server, options.log, timeouts);
  const local = { onRequest: options.exposeFleet ? [] : [fleetOnLoopback] };

  app.get('/livez', async (_request, reply) => sendText(reply, 'ok'));
  app.get('/readyz', async (request, reply) => {
    const reason = options.unready();
    if (searchOf(request).has('verbose')) {
      return sendText(reply.code(reason === null ? 200 : 503), verboseProbe(options.checks(), reason));
    }
    return reason === null ? sendText(reply, 'ok') : sendJson(reply.code(503), problemBody('NotReady', reason));
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(options.metrics.contentType).send(await options.metrics.metrics()),
  );
  app.get('/version', async (_request, reply) =>
    sendJson(reply, JSON.stringify({ version: options.version, node: process.version })),
  );
  app.get('/costs', local, async (_request, reply) => sendJson(reply, JSON.stringify(await options.costs())));
  app.get('/plan', local, async (request, reply) =>
    sendJson(reply, JSON.stringify(await options.plan(planQuery(request)))),
  );
  addLogLevel(app, options.log, async (request) => {
    loopbackOnly(request, 'LoopbackOnly', 'ask from inside the pod (kubectl port-forward does).');
  });
  return run(app, options.host, options.port);
}

async function fleetOnLoopback(request: FastifyRequest): Promise<void> {
  const remedy = 'ask from inside the pod (kubectl port-forward does), or start with --expose-fleet.';
  loopbackOnly(request, 'FleetNotExposed', remedy);
}

function loopbackOnly(request: FastifyRequest, code: string, remedy: string): void {
  const peer = request.raw.socket.remoteAddress;
  if (peer === undefined || !isLoopback(peer)) {
    throw new RequestError(403, code, `${pathOf(request)} answers this host only: ${remedy}`);
  }
  // A page in a browser beside kubectl port-forward may have had its own name lead here (DNS rebinding).
  if (!isLoopbackName(request.headers.host)) {
    const names = 'localhost, 127.0.0.1 and [::1]';
    throw new RequestError(403, 'ForeignHost', `${pathOf(request)} answers to ${names} only: ask it by one of these.`);
  }
}

function planQuery(request: FastifyRequest): PlanQuery {
  const search = searchOf(request);
  return { scales: search.getAll('scale'), policy: search.get('policy') };
}

function searchOf(request: FastifyRequest): URLSearchParams {
  return new URL(request.url, 'http://ops').searchParams;
}

function verboseProbe(checks: readonly Check[], reason: string | null): string {
  const lines = checks.map(({ name, ok, says }) => `[${ok ? '+' : '-'}]${name} ${says}`);
  return [...lines, reason === null ? 'readyz check passed' : `readyz check failed: ${reason}`, ''].join('\n');
}

function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/plain; charset=utf-8').send(text);
}

function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(json);
}
