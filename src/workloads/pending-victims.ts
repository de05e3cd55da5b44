import { markedUnit, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Victim } from '../domain/victims/plan.ts';
import { ownerAdapterOf } from './registry.ts';

/** What `pendingVictims` gives while no scale-down is under way, as is usual. */
export const nobody = (_pod: Pod): boolean => false;

/**
 * Tells the pods that an admitted scale-down takes but whose controller may not have begun to delete: those that are
 * marked, and those of `decided`, which are about to be. Not every pod of a group carries a mark: the others are told by
 * the unit that the marks name, among the pods of the same controller, for other kinds may have units of that name.
 */
export function pendingVictims(snapshot: Snapshot, decided: Iterable<Victim> = []): (pod: Pod) => boolean {
  const pods = new Set<string>();
  for (const { candidate } of decided) for (const { uid } of candidate.pods) pods.add(uid);
  /** By the uid of the controller, which is the instance itself of the pods of one. */
  const units = new Map<string, Set<string>>();
  for (const marked of [...snapshot.markedPods(), ...snapshot.instances()]) {
    const unit = markedUnit(marked);
    const owner = marked.place === undefined ? marked.controller?.uid : marked.uid;
    if (unit === null || owner === undefined) continue;
    units.set(owner, (units.get(owner) ?? new Set()).add(unit));
  }
  if (pods.size === 0 && units.size === 0) return nobody;
  return (pod) => {
    if (pods.has(pod.uid)) return true;
    const going = pod.controller === null ? undefined : units.get(pod.controller.uid);
    if (going === undefined) return false;
    const own = ownerAdapterOf(pod)?.unitsOf(pod) ?? [];
    return own.some((unit) => going.has(unit));
  };
}
