import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { type ConnectionOptions, connect } from 'node:tls';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whether the connection had served a request before. */
  readonly reused: boolean;
}

export interface Call extends RequestOptions {
  readonly body?: string | Buffer;
}

/** One request on a connection of its own, unless an agent is given. With `ca` it goes over TLS, verified. */
export function call(options: Call): Promise<Reply> {
  const { body, ...rest } = options;
  const request = rest.ca === undefined ? httpRequest : httpsRequest;
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const sent = request({ host: '127.0.0.1', agent: false, ...rest }, (response) => {
    read(response).then(
      (text) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, reused: sent.reusedSocket }),
      reject,
    );
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Sends bytes over TLS and gives all that comes back until the server closes. */
export async function converse(options: ConnectionOptions, bytes: string) {
  const socket = connect({ host: '127.0.0.1', ...options });
  const sessions: Buffer[] = [];
  socket.on('session', (session) => sessions.push(session));
  let resumed = false;
  socket.on('secureConnect', () => {
    resumed = socket.isSessionReused();
    socket.write(bytes);
  });
  let text = '';
  for await (const chunk of socket) text += chunk;
  return { text, session: sessions.at(-1), resumed };
}
