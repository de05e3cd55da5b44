import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { Agent } from 'undici';
import type { Installation } from './installation.ts';
import { listenOnLoopback } from './loopback.ts';

/** One request to packdown and its answer. */
export interface Exchange {
  method: string;
  path: string;
  contentType: string | undefined;
  httpVersion: string;
  /** Parsed JSON. */
  request: unknown;
  status: number;
  /** Parsed JSON. */
  response: unknown;
}

export interface RecordingProxy {
  /** On 127.0.0.1. */
  port: number;
  /** Everything answered so far, oldest first. */
  exchanges: readonly Exchange[];
  close(): Promise<void>;
}

/** Stands before packdown with packdown's own certificate and passes everything on as it is. */
export async function startRecordingProxy({ port, ca, cert, key }: Installation): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const agent = new Agent({ connect: { ca: await readFile(ca) } });
  const tls = { cert: await readFile(cert), key: await readFile(key) };
  const server = createServer(tls, async (incoming, outgoing) => {
    const { method = '', url: path = '', httpVersion, headers } = incoming;
    const contentType = headers['content-type'];
    try {
      const body = (await incoming.setEncoding('utf8').toArray()).join('');
      const answer = await agent.request({
        origin: `https://127.0.0.1:${port}`,
        method: 'POST',
        path,
        headers: { 'content-type': contentType },
        body,
      });
      const { statusCode: status } = answer;
      const text = await answer.body.text();
      const [request, response] = [JSON.parse(body), JSON.parse(text)];
      exchanges.push({ method, path, contentType, httpVersion, request, status, response });
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(text);
    } catch (error) {
      console.error(`${method} ${path} could not be passed on: ${error}`);
      outgoing.writeHead(502).end();
    }
  });
  const ownPort = await listenOnLoopback(server);
  return {
    port: ownPort,
    exchanges,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await agent.destroy();
    },
  };
}
