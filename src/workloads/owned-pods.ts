import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';

/** The pods of an object and of everything that it owns, directly or by others: `uid` is the object's. */
export function podsUnder(uid: string, snapshot: Snapshot): readonly Pod[] {
  return podsBelow(uid, snapshot, new Set());
}

/** Owner references that lead in a circle are possible: nobody checks them. */
function podsBelow(uid: string, snapshot: Snapshot, seen: Set<string>): readonly Pod[] {
  if (uid === '' || seen.has(uid)) return [];
  seen.add(uid);
  const own = snapshot.podsOf(uid);
  const owned = [...own, ...snapshot.instancesOf(uid), ...snapshot.workloadsOf(uid)];
  return [...own, ...owned.flatMap((child) => podsBelow(child.uid, snapshot, seen))];
}
