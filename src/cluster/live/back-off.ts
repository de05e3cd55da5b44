const FIRST = 200;
const LONGEST = 30_000;

/**
 * Milliseconds to wait after so many failures in a row (1 is the first): doubling from 0.2 s to 30 s, less a random part
 * of up to half, so that the clients of an apiserver that comes back do not all return at once.
 */
export function backOff(failures: number): number {
  const full = Math.min(LONGEST, FIRST * 2 ** (failures - 1));
  return Math.round(full * (1 - Math.random() / 2));
}
