import type { IncomingMessage, ServerResponse } from 'node:http';

const ERROR_EVENT = /"type":"ERROR".*?"code":(\d+)/g;

/** A watch on its way through the proxy. */
export class WatchStream {
  readonly #outgoing: ServerResponse;
  #isSilent = false;

  /** `onError` hears the code of an ERROR event. */
  constructor(answer: IncomingMessage, outgoing: ServerResponse, onError: (code: number) => void) {
    this.#outgoing = outgoing;
    outgoing.flushHeaders();
    answer.on('data', (chunk: Buffer) => {
      for (const [, code] of chunk.toString().matchAll(ERROR_EVENT)) onError(Number(code));
      if (!this.#isSilent) outgoing.write(chunk);
    });
    answer.on('end', () => {
      if (!this.#isSilent) outgoing.end();
    });
  }

  silence(): void {
    this.#isSilent = true;
  }

  reset(): void {
    this.#outgoing.socket?.destroy();
  }
}
