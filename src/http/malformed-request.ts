import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { problemBody } from './problem.ts';

/** The client went away in the middle of a request, or there is no TLS yet to answer over. */
const UNANSWERABLE: ReadonlySet<string | undefined> = new Set([
  'ECONNRESET',
  'HPE_INVALID_EOF_STATE',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
]);

/**
 * Answers bytes that never became a request, and closes the connection: nothing after them can be read. Gives the HTTP
 * status; null where there is nobody to answer.
 */
export function answerMalformed(log: Logger, error: { code?: string }, socket: Socket): number | null {
  if (UNANSWERABLE.has(error.code) || !socket.writable) {
    socket.destroy();
    return null;
  }
  const { status, code, message } = describe(error.code);
  log.warn({ code }, 'request refused');
  const body = problemBody(code, message);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
  return status;
}

function describe(parserCode: string | undefined): { status: number; code: string; message: string } {
  switch (parserCode) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        code: 'HeadersTooLarge',
        message: 'The headers are too large: send less.',
      };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        status: 408,
        code: 'RequestTimeout',
        message: 'The request did not arrive in time: send it faster.',
      };
    default:
      return {
        status: 400,
        code: 'MalformedRequest',
        message: 'The bytes received are not an HTTP/1.1 request: send one.',
      };
  }
}
