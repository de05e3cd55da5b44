import type { Readable } from 'node:stream';

/**
 * The JSON values of a stream with one on every line. A last line without an end is the rest of a lost connection: no
 * value.
 */
export async function* jsonLines(stream: Readable): AsyncGenerator<unknown, void, undefined> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const value: unknown = JSON.parse(line);
      yield value;
    }
  }
}
