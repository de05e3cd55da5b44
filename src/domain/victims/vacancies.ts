/** Nobody reads on, and a count of two thousand million, by a slip or worse, must not stop the process. */
const MOST = 10_000;

/** What holds an ordinal. */
interface Numbered {
  readonly ordinal: number;
}

/**
 * Ordinals that a scale-up creates where a controller counts what there is: the lowest missing ones of [first, first +
 * wanted), as many as are short of `wanted`, the first 10,000 at the most. What is on its way out still holds its
 * ordinal.
 */
export function vacancies(existing: readonly Numbered[], wanted: number, first = 0): readonly number[] {
  const short = Math.min(wanted - existing.length, MOST);
  if (!(short > 0)) return [];
  const taken = new Set(existing.map(({ ordinal }) => ordinal));
  const missing: number[] = [];
  // So many hold all that are looked for. No further: beyond 2^53 one more is the same number.
  for (let place = 0; place < existing.length + short && missing.length < short; place += 1) {
    if (!taken.has(first + place)) missing.push(first + place);
  }
  return missing;
}

/**
 * Ordinals that a scale-up creates where a controller fills all of [first, first + wanted), whatever there still is
 * beyond; the first 10,000 at the most.
 */
export function missingOrdinals(existing: readonly Numbered[], wanted: number, first: number): readonly number[] {
  const kept = existing.filter(({ ordinal }) => ordinal >= first && ordinal < first + wanted);
  return vacancies(kept, wanted, first);
}
