import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pathOf, RequestError } from './problem.ts';
import type { Route } from './route.ts';

/**
 * The keys `__proto__` and `constructor` stay what they are in JSON, properties like any other: nothing assigns by a
 * key that a caller has chosen. Refusing such a body would let whoever puts one into an object slip past the webhook,
 * and looking for them is two passes over every body.
 */
export const POISONED_KEYS = ['ignore', 'ignore'] as const;

/**
 * A body may hold one value or key for each so many bytes of its limit. In nodes there are as many bytes to one; in
 * other objects 9, of which the apiserver sends 3 MiB at the most. A body of nothing but `{}` has three, and would take
 * twenty times its length of V8's heap.
 */
const BYTES_A_VALUE = 20;

const [QUOTE, BACKSLASH, COLON, COMMA, BRACE, BRACKET] = Buffer.from('"\\:,{[');

type Done = (error: Error | null, body?: unknown) => void;

/** Has an app read the bodies of a route, those that it cuts in the way that it says. */
export function readBodies(app: FastifyInstance, { bodyLimit, cut }: Pick<Route, 'bodyLimit' | 'cut'>): void {
  const parse = app.getDefaultJsonParser(...POISONED_KEYS);
  const most = Math.ceil(bodyLimit / BYTES_A_VALUE);
  const read = (request: FastifyRequest, json: string, done: Done) => {
    if (holdsOver(most, json)) {
      done(
        new RequestError(
          413,
          'TooManyValues',
          `The body sent to ${pathOf(request)} holds over ${most} values and keys: send less.`,
        ),
      );
    } else parse(request, json, done);
  };
  app.removeContentTypeParser('application/json');
  if (cut === undefined) {
    app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, read);
    return;
  }
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const part = cut(body);
    if (part === null) read(request, body.toString(), done);
    else read(request, part.json, (error, parsed) => done(error, error === null ? part.whole(parsed) : undefined));
  });
}

/**
 * Whether a text of JSON holds more values and keys than so many, by what begins or parts them; a short one is not
 * looked at.
 */
function holdsOver(most: number, json: string): boolean {
  if (json.length <= most) return false;
  let values = 0;
  let isInString = false;
  for (let at = 0; at < json.length && values <= most; at += 1) {
    const code = json.charCodeAt(at);
    if (isInString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) isInString = true;
    else if (code === COMMA || code === COLON || code === BRACE || code === BRACKET) values += 1;
  }
  return values > most;
}
