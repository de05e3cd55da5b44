const FIRST = 200;
/** Short, for as long as a watch is away nobody steers well, and the watches of a few replicas are no load. */
const LONGEST = 5_000;

/**
 * Milliseconds to wait after so many failures in a row (1 is the first): doubling from 0.2 s to 5 s, less a random part
 * of up to half, so that the clients of an apiserver that comes back do not all return at once.
 */
export function backOff(failures: number): number {
  const full = Math.min(LONGEST, FIRST * 2 ** (failures - 1));
  return Math.round(full * (1 - Math.random() / 2));
}
