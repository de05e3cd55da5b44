import { connect as connectPlainly, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { certificates } from './test-server.ts';

/** The headers of a request with a body of so many bytes. */
export const headersOf = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
/** The headers of one whose body comes in chunks. */
export const chunked = (path: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;

/** A connection that has sent some bytes; `ended` gives what came back until the server let go of it. */
export async function open(port: number, bytes: string, isPlain = false) {
  const to = { host: '127.0.0.1', port };
  const socket: Socket = isPlain ? connectPlainly(to) : connect({ ...to, ca: certificates.ca });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  // What is still being sent when the server lets go ends in a reset.
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await Promise.race([new Promise((resolve) => socket.once(isPlain ? 'connect' : 'secureConnect', resolve)), ended]);
  socket.write(bytes);
  return { socket, ended };
}

/** Sends the same bytes again and again, as fast as they are taken. */
export function pour(socket: Socket, bytes: Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
}

/** The refusal that came back. */
export function problemIn(text: string): {
  readonly status: string;
  readonly code: unknown;
  readonly keys: readonly string[];
} {
  const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
  return { status: text.slice(9, 12), code: body.code, keys: Object.keys(body).sort() };
}

export const refusal = (status: string, code: string) => ({ status, code, keys: ['code', 'message'] });
