/** JSON Schema of how a duration is written, e.g. `1.5s`. */
export const DURATION = {
  type: 'string',
  pattern: '^\\d+(\\.\\d+)?(ms|s|m|h)$',
  description: 'a number and ms, s, m or h, e.g. 15s',
};

/**
 * JSON Schema of a duration of a second or more: marks that were taken back sooner would steer nothing. What begins with
 * 0, as 0.5m does, no pattern can tell from less.
 */
export const SECOND_OR_MORE = {
  type: 'string',
  pattern: '^([1-9]\\d*(\\.\\d+)?(s|m|h)|[1-9]\\d{3,}(\\.\\d+)?ms)$',
  description: 'a second or more, a number that does not begin with 0 and ms, s, m or h, e.g. 15s',
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Durations that were read before: a configuration has a handful, and every review asks for some. */
const known = new Map<string, number>();

/** Milliseconds of a duration that the schema has let through, e.g. `1.5s`. */
export function milliseconds(duration: string): number {
  const before = known.get(duration);
  if (before !== undefined) return before;
  const [, amount, unit] = /^([\d.]+)(ms|s|m|h)$/.exec(duration) ?? [];
  const read = Number(amount ?? 0) * (UNITS[unit ?? ''] ?? 0);
  known.set(duration, read);
  return read;
}
