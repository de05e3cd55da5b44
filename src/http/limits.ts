import type { IncomingMessage, Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { ONCE_A_MINUTE, RateLimit } from '../domain/rate-limit.ts';
import { RequestError } from './problem.ts';
import { SCHEDULER_BODY_LIMIT } from './route.ts';

/** How much of a server all its clients may take together. */
export interface Limits {
  /** Connections that are open at once; more are closed as they come. */
  readonly connections: number;
  /** Bytes of memory that bodies take until they have arrived in full. */
  readonly bodyMemory: number;
}

/**
 * Three apiservers with 200 changes in flight each, which is their default, and schedulers besides. And two of the
 * largest bodies, a quarter of the memory that the manifests give a container.
 */
export const LIMITS: Limits = { connections: 1000, bodyMemory: 2 * SCHEDULER_BODY_LIMIT };

/**
 * Bytes that a piece of a body counts for besides its own: what Node takes of V8's heap, which is the smaller half of
 * what a container has, as much again until it is collected, and some to spare. Whoever means well sends pieces of 4
 * KiB and more.
 */
const PIECE = 2048;

/** Connections beyond those that there may be are dropped, and the log says so once a minute. */
export function limitConnections(server: Server, log: Logger, connections: number): void {
  const limit = new RateLimit(ONCE_A_MINUTE);
  server.maxConnections = connections;
  server.on('drop', () => {
    if (!limit.take('', Date.now())) return;
    log.warn({ connections }, 'as many connections are open as may be: others are dropped');
  });
}

/**
 * Where bodies would take more than `limit` bytes before they have arrived, the one that has been coming in for longest
 * is refused: that of a caller who means well is there within milliseconds.
 */
export function limitBodyMemory(app: FastifyInstance, limit: number): void {
  /** The oldest first. */
  const taken = new Map<IncomingMessage, number>();
  let sum = 0;

  // No async function: this has to listen when whoever reads the body begins to, or pieces would be lost on one of the
  // two.
  app.addHook('preParsing', ({ raw }, _reply, payload, done) => {
    raw.on('data', onPiece).on('end', release);
    done(null, payload);
  });
  app.addHook('onError', ({ raw }, _reply, _error, done) => {
    release.call(raw);
    done();
  });

  // One of each for all bodies, and not a closure for every one: there are thousands in a second.
  function onPiece(this: IncomingMessage, { length }: Buffer): void {
    taken.set(this, (taken.get(this) ?? 0) + length + PIECE);
    sum += length + PIECE;
    if (sum > limit) refuseOldest();
  }

  function release(this: IncomingMessage): void {
    this.off('data', onPiece);
    sum -= taken.get(this) ?? 0;
    taken.delete(this);
  }

  function refuseOldest(): void {
    const [oldest] = taken.keys();
    const reason = `Bodies that are still coming in took over ${limit} bytes of memory, and this one was the slowest`;
    // Whoever reads it forgets what has come of it, and answers.
    oldest?.emit('error', new RequestError(503, 'TooManyBodies', `${reason}: send it again, and faster.`));
  }
}
