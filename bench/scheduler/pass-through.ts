import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listenOnLoopback } from '../../test/e2e/loopback.ts';

/** From the first byte of a request until the first byte of its answer, in milliseconds, oldest first. */
export interface PassThrough {
  /** On 127.0.0.1. */
  readonly port: number;
  /** What was timed since the last call. */
  take(): readonly number[];
  close(): Promise<void>;
}

/**
 * Stands before a port and passes bytes on as they are, TLS included, one request at a time on a connection. A
 * handshake counts as a request or two.
 */
export async function startPassThrough(port: number): Promise<PassThrough> {
  const sockets = new Set<Socket>();
  let times: number[] = [];
  const server = createServer((caller) => {
    const served = connect(port, '127.0.0.1');
    let asked: number | null = null;
    caller.on('data', () => {
      asked ??= performance.now();
    });
    served.on('data', () => {
      if (asked !== null) times.push(performance.now() - asked);
      asked = null;
    });
    caller.pipe(served).pipe(caller);
    for (const [socket, other] of [
      [caller, served],
      [served, caller],
    ] as const) {
      socket.setNoDelay();
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  const ownPort = await listenOnLoopback(server);
  return {
    port: ownPort,
    take() {
      const taken = times;
      times = [];
      return taken;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
