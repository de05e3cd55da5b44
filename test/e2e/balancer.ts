import { connect, createServer, type Socket } from 'node:net';
import { listenOnLoopback } from './loopback.ts';

/** What a Service is to its pods: connections go to one replica after the other, and to none that refuses them. */
export interface Balancer {
  /** On 127.0.0.1. */
  port: number;
  add(port: number): void;
  close(): void;
}

export async function startBalancer(): Promise<Balancer> {
  const targets: number[] = [];
  const open = new Set<Socket>();
  let next = 0;

  function reach(incoming: Socket, attemptsLeft: number): void {
    const target = targets[next % targets.length];
    next += 1;
    if (target === undefined || attemptsLeft === 0) return void incoming.destroy();
    const outgoing = connect(target, '127.0.0.1');
    let isConnected = false;
    outgoing.on('connect', () => {
      isConnected = true;
      incoming.pipe(outgoing).pipe(incoming);
    });
    outgoing.on('error', () => (isConnected ? incoming.destroy() : reach(incoming, attemptsLeft - 1)));
    outgoing.on('close', () => isConnected && incoming.destroy());
    incoming.on('close', () => outgoing.destroy());
  }

  const server = createServer((incoming) => {
    open.add(incoming);
    incoming.on('close', () => open.delete(incoming));
    incoming.on('error', () => incoming.destroy());
    reach(incoming, targets.length);
  });
  const port = await listenOnLoopback(server);
  return {
    port,
    add: (port) => targets.push(port),
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
