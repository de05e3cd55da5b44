/**
 * Ordinals that a scale-up creates: the lowest missing ones of [first, first + wanted), as many as are short of
 * `wanted`. What is on its way out still holds its ordinal.
 */
export function vacancies(existing: readonly number[], wanted: number, first = 0): readonly number[] {
  const taken = new Set(existing);
  const missing: number[] = [];
  for (let ordinal = first; ordinal < first + wanted && missing.length < wanted - existing.length; ordinal += 1) {
    if (!taken.has(ordinal)) missing.push(ordinal);
  }
  return missing;
}
