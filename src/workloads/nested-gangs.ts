import type { Pod } from '../domain/fleet/pod.ts';
import type { Gang } from './adapter.ts';

/** What becomes of a gang, or of a part of it. */
interface Fate {
  readonly stood: boolean;
  readonly stands: boolean;
  /** Whether some of its pods stay. */
  readonly isLeft: boolean;
  /** Whether it, or a gang within it, fell and left pods behind, which are of no use then. */
  readonly isTorn: boolean;
}

/**
 * Whether a gang that stood falls when these pods go, by their uids, or a gang within it does and leaves pods behind.
 * One within it may go as a whole, as long as enough of its like are left.
 */
export function falls(gang: Gang, gone: ReadonlySet<string>): boolean {
  const { stood, stands, isTorn } = fateOf(gang, gone);
  return isTorn || (stood && !stands);
}

function fateOf(part: Pod | Gang, gone: ReadonlySet<string>): Fate {
  if (!('parts' in part)) {
    const stays = !gone.has(part.uid);
    return { stood: true, stands: stays, isLeft: stays, isTorn: false };
  }
  const fates = part.parts.map((inner) => fateOf(inner, gone));
  const stood = fates.filter((fate) => fate.stood).length >= part.minimum;
  const stands = fates.filter((fate) => fate.stands).length >= part.minimum;
  const isLeft = fates.some((fate) => fate.isLeft);
  return { stood, stands, isLeft, isTorn: fates.some((fate) => fate.isTorn) || (stood && !stands && isLeft) };
}
