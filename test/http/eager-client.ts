/**
 * Asks again as soon as it has an answer: on a thread of its own, for on the server's own loop it would be told too
 * late.
 */
import { connect } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';

export interface Eager {
  readonly port: number;
  readonly ca: string;
  /** A request that is answered with a string, as JSON. */
  readonly bytes: string;
  readonly times: number;
}

const QUOTE = 0x22;
const { port, ca, bytes, times }: Eager = workerData;
const socket = connect({ host: '127.0.0.1', port, ca });
let answered = 0;
socket.on('secureConnect', () => socket.write(bytes));
socket.on('data', (chunk) => {
  if (chunk.at(-1) !== QUOTE) return;
  answered += 1;
  if (answered < times) socket.write(bytes);
  else socket.destroy();
});
socket.on('error', () => undefined);
socket.on('close', () => parentPort?.postMessage(answered));
