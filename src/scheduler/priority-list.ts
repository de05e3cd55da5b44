import { viewOf } from './bytes.ts';
import { BETWEEN_NAMES, type NodeNames } from './node-names.ts';

/** A text of 8 to 12 bytes as numbers of four, of which the last one may begin within the second. */
interface Piece {
  readonly length: number;
  readonly first: number;
  readonly second: number;
  readonly last: number;
}

const NEXT = pieceOf('},{"Host":"');
const SCORE = pieceOf('","Score":');
const OPEN = '['.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const TEN = Buffer.from('10').readUInt16BE();
const CLOSE = Buffer.from('}]').readUInt16BE();
/** Bytes of an entry at the most, its name left out. */
const ENTRY = NEXT.length + SCORE.length + '10'.length;

/**
 * extenderv1.HostPriorityList as JSON: the names as they came in, each with the score, a whole number from 0 to 10,
 * that its place in the list is given. To write an object for each of thousands of nodes takes longer than to score
 * them, and byte by byte takes twice as long as four at a time.
 *
 * @throws RangeError for any other score
 */
export function priorityList({ body, start, ends }: NodeNames, scoreAt: (asked: number) => number): Buffer {
  const json = Buffer.allocUnsafe(body.length + ends.length * ENTRY + '}]'.length);
  const [from, to] = [viewOf(body), viewOf(json)];
  let [at, begin] = [0, start];
  for (let asked = 0; asked < ends.length; asked += 1) {
    const end = ends[asked] ?? begin;
    at = write(NEXT, to, at);
    // Up to three bytes too many, which are overwritten: what follows the last name is as long.
    for (let byte = begin; byte < end; byte += 4) to.setUint32(at + byte - begin, from.getUint32(byte));
    at = write(SCORE, to, at + end - begin);
    at = writeScore(scoreAt(asked), asked, to, at);
    begin = end + BETWEEN_NAMES;
  }
  to.setUint16(at, CLOSE);
  // In place of what stands between two entries.
  to.setUint8(1, OPEN);
  return json.subarray(1, at + 2);
}

function pieceOf(text: string): Piece {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  const [first, second, last] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4), bytes.readUInt32BE(length - 4)];
  return { length, first, second, last };
}

/** Gives where it ended. */
function write({ length, first, second, last }: Piece, to: DataView, at: number): number {
  to.setUint32(at, first);
  to.setUint32(at + 4, second);
  to.setUint32(at + length - 4, last);
  return at + length;
}

function writeScore(score: number, asked: number, to: DataView, at: number): number {
  if (score === 10) {
    to.setUint16(at, TEN);
    return at + 2;
  }
  if (!(score >= 0 && score < 10 && Number.isInteger(score)))
    throw new RangeError(`name ${asked} has a score of ${score}`);
  to.setUint8(at, ZERO + score);
  return at + 1;
}
