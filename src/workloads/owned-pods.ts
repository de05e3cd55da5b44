import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';

/** Owners of owners that are looked at, up and down; there are five of the kinds that we know, one above the other. */
export const MOST_OWNERS = 20;

/** The pods of an object and of everything that it owns, directly or by others: `uid` is the object's. */
export function podsUnder(uid: string, snapshot: Snapshot): readonly Pod[] {
  return podsBelow(uid, snapshot, new Set(), 0);
}

/** Owner references that lead in a circle, or on and on, are possible: nobody checks them. */
function podsBelow(uid: string, snapshot: Snapshot, seen: Set<string>, level: number): readonly Pod[] {
  if (uid === '' || seen.has(uid) || level === MOST_OWNERS) return [];
  seen.add(uid);
  const own = snapshot.podsOf(uid);
  const owned = [...own, ...snapshot.instancesOf(uid), ...snapshot.workloadsOf(uid)];
  return [...own, ...owned.flatMap((child) => podsBelow(child.uid, snapshot, seen, level + 1))];
}
