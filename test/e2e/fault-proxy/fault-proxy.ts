import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import { join } from 'node:path';
import { makeCertificates } from '../../../src/http/certificates.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { listenOnLoopback } from '../loopback.ts';
import type { Asked, Fault, FaultRule } from './faults.ts';
import { WatchStream } from './watch-stream.ts';

/** A request and what became of it. */
export interface Exchange extends Asked {
  fault: Fault['kind'] | null;
  /** Of the apiserver's answer, or the proxy's; null where none was heard. */
  status: number | null;
}

/**
 * Stands between packdown and the apiserver; without a fault it passes everything on as it is, watches as they stream.
 */
export interface FaultProxy {
  url: string;
  /** Path of the PEM that signs the proxy's certificate. */
  caFile: string;
  /** Everything that has had its fate, oldest first; the start of a watch's answer is the answer. */
  exchanges: readonly Exchange[];
  /** Codes of the ERROR events that the apiserver sent in watches, oldest first. */
  watchErrors: readonly number[];
  /** From now on; null for fair weather. */
  strike(rule: FaultRule | null): void;
  /** From now on, called with every answer of the apiserver, which is not passed on before it returns. */
  onAnswer(listener: ((exchange: Exchange) => void) | null): void;
  /** Leaves the watches of now open but silent for good: no event, no bookmark, no end. Returns how many they are. */
  silenceWatches(): number;
  /** Resets the watches of now. */
  resetWatches(): void;
  close(): Promise<void>;
}

export async function startFaultProxy({ apiServerUrl, caFile: upstreamCa, folder }: ControlPlane): Promise<FaultProxy> {
  const { hostname, port } = new URL(apiServerUrl);
  const agent = new Agent({ keepAlive: true, ca: await readFile(upstreamCa) });
  const { ca, cert, key } = await makeCertificates({ now: new Date() });
  const caFile = join(folder, 'fault-proxy-ca.crt');
  await writeFile(caFile, ca);

  const exchanges: Exchange[] = [];
  const watchErrors: number[] = [];
  const watches = new Set<WatchStream>();
  let rule: FaultRule | null = null;
  let answered: ((exchange: Exchange) => void) | null = null;

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = incoming;
    const asked: Asked = { method, path, isWatch: path.includes('watch=true') };
    const fault = rule?.(asked) ?? null;
    const exchange: Exchange = { ...asked, fault: fault?.kind ?? null, status: null };
    if (fault?.kind === 'reset' || fault?.kind === 'refused') {
      exchanges.push(exchange);
      if (fault.kind === 'refused') exchange.status = fault.status;
      return fault.kind === 'reset' ? reset(incoming) : refuse(outgoing, fault);
    }
    if (fault?.kind === 'held') await fault.until;
    if (outgoing.destroyed) exchanges.push(exchange);
    else passOn(incoming, outgoing, exchange);
  }

  function passOn(incoming: IncomingMessage, outgoing: ServerResponse, exchange: Exchange): void {
    const { method, path, isWatch, fault } = exchange;
    const { host, connection, ...headers } = incoming.headers;
    const upstream = request({ agent, host: hostname, port, method, path, headers });
    incoming.pipe(upstream);
    outgoing.on('close', () => upstream.destroy());
    upstream.on('error', () => {
      exchanges.push(exchange);
      reset(incoming);
    });
    upstream.on('response', (answer) => {
      exchange.status = answer.statusCode ?? null;
      exchanges.push(exchange);
      answered?.(exchange);
      if (fault === 'unanswered') return reset(incoming);
      const { connection: _, ...passed } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, passed);
      // Not pipe(): what is cut off must not look complete.
      answer.on('error', () => reset(incoming));
      if (!isWatch) return answer.pipe(outgoing);
      const watch = new WatchStream(answer, outgoing, (code) => watchErrors.push(code));
      watches.add(watch);
      outgoing.on('close', () => watches.delete(watch));
    });
  }

  const server = createServer({ cert, key }, (incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => {
      console.error(`the fault proxy failed: ${error}`);
      reset(incoming);
    });
  });
  const ownPort = await listenOnLoopback(server);
  return {
    url: `https://127.0.0.1:${ownPort}`,
    caFile,
    exchanges,
    watchErrors,
    strike: (next) => {
      rule = next;
    },
    onAnswer: (listener) => {
      answered = listener;
    },
    silenceWatches: () => {
      for (const watch of watches) watch.silence();
      return watches.size;
    },
    resetWatches: () => {
      for (const watch of watches) watch.reset();
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

function refuse(outgoing: ServerResponse, { status, retryAfter }: Extract<Fault, { kind: 'refused' }>): void {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: 'struck by the fault proxy',
    code: status,
  };
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  });
  outgoing.end(JSON.stringify(body));
}

function reset({ socket }: IncomingMessage): void {
  socket.destroy();
}
