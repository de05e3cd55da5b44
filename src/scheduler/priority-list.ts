import { BETWEEN_NAMES, type NodeNames } from './node-names.ts';

const OPEN = Buffer.from('[{"Host":"');
const NEXT = Buffer.from('},{"Host":"');
const SCORE = Buffer.from('","Score":');
const CLOSE = Buffer.from('}]');
/** Of each score from 0 to 10. */
const DIGITS = Array.from({ length: 11 }, (_, score) => Buffer.from(String(score)));
/** Bytes of an entry at the most, its name left out. */
const ENTRY = NEXT.length + SCORE.length + '10'.length;

/**
 * extenderv1.HostPriorityList as JSON: the names as they came in, each with the score, a whole number from 0 to 10, that
 * its place in the list is given. To write an object for each of thousands of nodes takes longer than to score them.
 *
 * @throws RangeError for any other score
 */
export function priorityList({ body, start, ends }: NodeNames, scoreAt: (asked: number) => number): Buffer {
  const json = Buffer.allocUnsafe(body.length + ends.length * ENTRY + CLOSE.length);
  let [at, begin] = [0, start];
  for (let asked = 0; asked < ends.length; asked += 1) {
    const end = ends[asked] ?? begin;
    const head = asked === 0 ? OPEN : NEXT;
    const digits = DIGITS[scoreAt(asked)];
    if (digits === undefined) throw new RangeError(`name ${asked} has a score of ${scoreAt(asked)}`);
    at = copy(head, 0, head.length, json, at);
    at = copy(body, begin, end, json, at);
    at = copy(SCORE, 0, SCORE.length, json, at);
    at = copy(digits, 0, digits.length, json, at);
    begin = end + BETWEEN_NAMES;
  }
  return json.subarray(0, copy(CLOSE, 0, CLOSE.length, json, at));
}

/** Gives where it ended. For a few bytes at a time, TypedArray.set takes longer. */
function copy(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  let next = at;
  for (let byte = start; byte < end; byte += 1, next += 1) to[next] = from[byte] ?? 0;
  return next;
}
