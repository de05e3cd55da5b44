/**
 * Milliseconds after which nothing is refused by what the fleet says. Watches hear a bookmark each minute, and one that
 * is dead is opened again after 120 s: five minutes are more than two of those in a row that led nowhere.
 */
export const SILENCE_LIMIT = 5 * 60_000;

/** Whether nothing has been heard of the fleet for too long, or ever. `staleness` as Fleet has it. */
export function isSilent(staleness: number | null): boolean {
  return staleness === null || staleness > SILENCE_LIMIT;
}

/** A clause for people. */
export function describeSilence(staleness: number | null): string {
  return staleness === null
    ? 'the fleet has not been read yet'
    : `the fleet has not been heard of for ${Math.floor(staleness / 60_000)} minutes`;
}
