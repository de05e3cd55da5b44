import type { Server } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Logger } from 'pino';
import { answerMalformed } from './malformed-request.ts';
import { pathOf, RequestError, sendProblem } from './problem.ts';
import { POISONED_KEYS } from './read-json.ts';

/** Milliseconds; all but `unreadTimeout` are those of node's servers. */
export interface Timeouts {
  readonly keepAliveTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** Between looks for requests that are over their time. */
  readonly connectionsCheckingInterval: number;
  /** For which the rest of a refused request is read and dropped, before its connection is. */
  readonly unreadTimeout: number;
}

/**
 * Go clients keep idle connections 90 s: the server must outlast them, or a review meets a connection that is just
 * being closed. The headers and the request may not be given less than that.
 */
export const TIMEOUTS: Timeouts = {
  keepAliveTimeout: 120_000,
  headersTimeout: 125_000,
  requestTimeout: 130_000,
  connectionsCheckingInterval: 5_000,
  unreadTimeout: 2_000,
};

/**
 * Told of every request that is refused or fails: its path without the query, null where it has none, and the HTTP
 * status.
 */
export type OnRequestRefused = (path: string | null, status: number) => void;

/** Routes are added to it; whatever else comes in on `server` is answered `{"code","message"}`. */
export function createApp(
  server: Server,
  log: Logger,
  { unreadTimeout }: Timeouts,
  onRequestRefused: OnRequestRefused = () => undefined,
): FastifyInstance {
  const problem = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    sendProblem(log, error, request, reply);
    onRequestRefused(pathOf(request), reply.statusCode);
  };
  const app = fastify({
    serverFactory: (handler) => server.on('request', handler),
    exposeHeadRoutes: false,
    onProtoPoisoning: POISONED_KEYS[0],
    onConstructorPoisoning: POISONED_KEYS[1],
    frameworkErrors: problem,
    clientErrorHandler: (error, socket) => {
      const status = answerMalformed(log, error, socket);
      if (status !== null) onRequestRefused(null, status);
    },
  });
  const methods = new Map<string, readonly string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    methods.set(url, [...(methods.get(url) ?? []), ...[method].flat()]);
  });
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => {
    // Closing at once resets a client that is still sending, before it reads why; node reads the rest and drops it.
    reply.removeHeader('connection');
    problem(error, request, reply);
    endUnread(request, unreadTimeout);
  });
  // After every onRequest hook, so that these can refuse first, and before the body is read.
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (request.is404) refuseUnknown(methods, request, reply);
    done(null, payload);
  });
  return app;
}

function endUnread({ raw }: FastifyRequest, timeout: number): void {
  if (raw.complete || raw.socket.destroyed) return;
  const late = setTimeout(() => raw.socket.destroy(), timeout);
  raw.once('close', () => clearTimeout(late));
}

/** `methods` are those of each path that is there. */
function refuseUnknown(
  methods: ReadonlyMap<string, readonly string[]>,
  request: FastifyRequest,
  reply: FastifyReply,
): never {
  const path = pathOf(request);
  const allowed = (methods.get(path) ?? []).join(', ');
  if (allowed === '') throw new RequestError(404, 'NotFound', `There is nothing at ${path}: check the path.`);
  reply.header('allow', allowed);
  throw new RequestError(405, 'MethodNotAllowed', `${path} does not take ${request.method}: send ${allowed}.`);
}
