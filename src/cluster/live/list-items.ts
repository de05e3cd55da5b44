import type { Readable } from 'node:stream';

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [...'"\\{}[]'].map((character) =>
  character.charCodeAt(0),
);
/** Items are two levels down: in the array that the list has under this key. */
const ITEMS_DEPTH = 2;
const ITEMS_KEY = /"items"\s*:\s*\[$/;
const LONGEST_KEY = 100;

/**
 * Reads a Kubernetes list as it arrives: every item goes to `onItem` at once, and the list without its items is
 * returned. A page of whole objects would be some megabytes that all live together, and would be parsed in one piece
 * while nothing else is answered. Throws SyntaxError for what is no JSON.
 */
export async function listItems(stream: Readable, onItem: (item: unknown) => void): Promise<unknown> {
  const scanner = new ListScanner(onItem);
  for await (const chunk of stream.setEncoding('utf8')) scanner.scan(String(chunk));
  const list: unknown = JSON.parse(scanner.rest);
  return list;
}

class ListScanner {
  /** The text outside of the items. */
  rest = '';
  readonly #onItem: (item: unknown) => void;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inItems = false;
  /** What earlier chunks held of the item that is under way; null between items. */
  #item: string | null = null;

  constructor(onItem: (item: unknown) => void) {
    this.#onItem = onItem;
  }

  scan(chunk: string): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const code = chunk.charCodeAt(at);
      if (this.#inString) this.#passString(code);
      else if (code === QUOTE) this.#inString = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET) from = this.#open(code, chunk, from, at);
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) from = this.#close(chunk, from, at);
    }
    if (this.#item !== null) this.#item += chunk.slice(from);
    else if (!this.#inItems) this.rest += chunk.slice(from);
  }

  /** Like `#close`, returns where the text begins that has not been taken yet. */
  #open(code: number, chunk: string, from: number, at: number): number {
    this.#depth += 1;
    if (this.#inItems) {
      if (this.#item !== null) return from;
      this.#item = '';
      return at;
    }
    if (this.#depth !== ITEMS_DEPTH || code !== OPEN_BRACKET) return from;
    this.rest += chunk.slice(from, at + 1);
    this.#inItems = ITEMS_KEY.test(this.rest.slice(-LONGEST_KEY));
    return at + 1;
  }

  #close(chunk: string, from: number, at: number): number {
    this.#depth -= 1;
    if (this.#item !== null && this.#depth === ITEMS_DEPTH) {
      this.#onItem(JSON.parse(this.#item + chunk.slice(from, at + 1)));
      this.#item = null;
      return at + 1;
    }
    if (!this.#inItems || this.#depth >= ITEMS_DEPTH) return from;
    this.#inItems = false;
    return at;
  }

  #passString(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inString = false;
  }
}
