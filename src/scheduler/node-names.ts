const KEY = Buffer.from('"NodeNames":[');
const END = ']}';
const [QUOTE, BACKSLASH, COMMA, BRACKET] = Buffer.from('"\\,]');
/** Bytes, with what is around it; many have more. */
const USUAL_NAME = 12;

/** The node names of a call as the bytes that came in. */
export interface NodeNames {
  readonly body: Buffer;
  /** Where the first name begins, after its quotation mark. */
  readonly start: number;
  /** Where each name ends, at its quotation mark; the next one begins three bytes further on. */
  readonly ends: Int32Array;
}

/** No cluster has as many nodes. */
export const MOST_NODES = 100_000;

/** Between the end of a name and the beginning of the next: `","`. */
export const BETWEEN_NAMES = 3;

/**
 * Takes the names out of ExtenderArgs as Go writes them: at the end of the body, without spaces and escapes. Null for a
 * body that is any different, or has too many, which JSON.parse then reads as a whole. `json` is the body with an empty
 * list in their place.
 *
 * A call has hundreds or thousands of names: as strings they would be looked up, among all that the process has, one
 * after another.
 */
export function cutNodeNames(body: Buffer): { readonly json: string; readonly names: NodeNames } | null {
  const key = body.indexOf(KEY);
  const list = key + KEY.length;
  if (key === -1 || body.toString('latin1', body.length - END.length) !== END) return null;
  let ends = new Int32Array(Math.min(MOST_NODES, Math.ceil((body.length - list) / USUAL_NAME)));
  let count = 0;
  let at = list;
  for (let next = COMMA; next === COMMA; at += 1) {
    if (body[at] !== QUOTE) return null;
    at += 1;
    for (let byte = body[at]; byte !== QUOTE; byte = body[at]) {
      if (byte === undefined || byte === BACKSLASH || byte < 0x20 || byte > 0x7e) return null;
      at += 1;
    }
    if (count === MOST_NODES) return null;
    if (count === ends.length) ends = larger(ends);
    ends[count] = at;
    count += 1;
    at += 1;
    next = body[at];
    if (next === BRACKET && at !== body.length - END.length) return null;
    if (next !== BRACKET && next !== COMMA) return null;
  }
  const names = { body, start: list + 1, ends: ends.subarray(0, count) };
  return { json: `${body.toString('utf8', 0, list)}${END}`, names };
}

function larger(list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(2 * list.length);
  copy.set(list);
  return copy;
}

/** The names as the JSON list that they came as. */
export function listOf({ body, start, ends }: NodeNames): Buffer {
  return body.subarray(start - '["'.length, (ends.at(-1) ?? start) + '"]'.length);
}

/** The names as texts, in their order. */
export function textsOf({ body, start, ends }: NodeNames): readonly string[] {
  let begin = start;
  return Array.from(ends, (end) => {
    const text = body.toString('latin1', begin, end);
    begin = end + BETWEEN_NAMES;
    return text;
  });
}
