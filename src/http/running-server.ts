import { Server, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { CodedError, messageOf } from '../domain/coded-error.ts';

/**
 * Milliseconds that requests in flight get to finish: longer than the apiserver waits for us, shorter than a pod's 30
 * s.
 */
const GRACE = 10_000;
/**
 * Milliseconds that an idle connection is kept: a request may be on its way, and is answered with a `connection:
 * close`.
 */
const LINGER = 1000;

export interface RunningServer {
  /** The port that was bound: the one asked for, or the one that port 0 led to. */
  readonly port: number;
  /**
   * Stops accepting connections at once and lets requests in flight or on their way finish, for `graceMs` milliseconds
   * at the most; then cuts what is still open. Resolves when no connection is left; calling it again waits for the same
   * end.
   */
  close(graceMs?: number): Promise<void>;
}

/** @throws CodedError `CannotListen` */
export async function run(app: FastifyInstance, host: string, port: number): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  let closed: Promise<void> | null = null;
  let inFlight = 0;
  let onQuiet: () => void = () => undefined;
  const onClose = () => {
    inFlight -= 1;
    if (inFlight === 0) onQuiet();
  };
  app.server.on('request', (_request, response) => {
    inFlight += 1;
    response.on('close', onClose);
  });
  // No async function: the answer would be written only after a turn of the promises, and be listened to until then.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (closed !== null) reply.header('connection', 'close');
    done(null, payload);
  });

  try {
    await app.listen({ host, port });
  } catch (error) {
    const reason = messageOf(error);
    const code = error instanceof Error && 'code' in error ? error.code : null;
    throw new CodedError('CannotListen', `Cannot listen on ${host}, port ${port} (${reason}): ${adviceOn(code)}.`);
  }
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close(graceMs = GRACE) {
      const quiet = () =>
        new Promise<void>((resolve) => {
          onQuiet = resolve;
          if (inFlight === 0) resolve();
        });
      closed ??= drain(app, sockets, quiet, graceMs);
      return closed;
    },
  };
}

function adviceOn(code: unknown): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'choose another port';
    case 'EACCES':
      return 'choose a port over 1023';
    default:
      return 'choose an address of this machine';
  }
}

async function drain(
  app: FastifyInstance,
  sockets: ReadonlySet<Socket>,
  quiet: () => Promise<void>,
  graceMs: number,
): Promise<void> {
  // Not close() of https: that cuts idle connections at once, with whatever is on its way to them.
  const ended = new Promise<void>((resolve) => Server.prototype.close.call(app.server, () => resolve()));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const late = setTimeout(cut, graceMs);
  const lingered = setTimeout(() => void quiet().then(cut), LINGER);
  await ended;
  clearTimeout(late);
  clearTimeout(lingered);
  await app.close();
}
