import { CodedError } from '../domain/coded-error.ts';
import type { Lows } from '../domain/fleet/lows.ts';
import { isObject, parseObject } from '../workloads/core/json.ts';

/** Bytes of the document; a ConfigMap holds 1 MiB. */
const MOST_BYTES = 512 * 1024;

/**
 * The quarters of days, and for each workload its lows in the same order, null where it was not seen. What is beyond
 * the bound is left out: the smallest workloads of the last quarter, which have the least to lose.
 */
export function formatLows(lows: Lows): string {
  const quarters = [...lows.keys()].sort((a, b) => a - b);
  const last = lows.get(quarters.at(-1) ?? Number.NaN) ?? new Map<string, number>();
  const ids = [...new Set([...lows.values()].flatMap((counts) => [...counts.keys()]))];
  const largestFirst = ids.sort((a, b) => (last.get(b) ?? 0) - (last.get(a) ?? 0) || (a < b ? -1 : 1));
  let bytes = 0;
  const kept = largestFirst
    .map((id): [string, readonly (number | null)[]] => [
      id,
      quarters.map((quarter) => lows.get(quarter)?.get(id) ?? null),
    ])
    .filter((entry) => {
      bytes += Buffer.byteLength(JSON.stringify(entry));
      return bytes <= MOST_BYTES;
    });
  return JSON.stringify({ quarters, lows: Object.fromEntries(kept) });
}

/** Reads what `formatLows` writes. Throws CodedError `MalformedLows`. */
export function parseLows(text: string): Lows {
  const document = parseObject(text);
  if (document === null) throw malformed('they are no JSON object');
  const { quarters, lows } = document;
  if (!Array.isArray(quarters) || !quarters.every(isCount)) throw malformed('its quarters are no list of numbers');
  if (!isObject(lows)) throw malformed('its lows are no object');
  const parsed = new Map(quarters.map((quarter) => [quarter, new Map<string, number>()]));
  for (const [id, counts] of Object.entries(lows)) {
    if (!Array.isArray(counts) || !counts.every((count) => count === null || isCount(count)))
      throw malformed(`the lows of ${id} are no list of counts`);
    for (const [index, quarter] of quarters.entries()) {
      const count: unknown = counts[index];
      if (isCount(count)) parsed.get(quarter)?.set(id, count);
    }
  }
  return parsed;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function malformed(what: string): CodedError {
  return new CodedError(
    'MalformedLows',
    `the lows seen cannot be read: ${what}; delete them, and the leader starts anew`,
  );
}
