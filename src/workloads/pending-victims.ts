import { markedUnit, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Victim } from '../domain/victims/plan.ts';
import { unitOf } from '../domain/victims/pool.ts';
import { ownerAdapterOf } from './registry.ts';

/** What `pendingVictims` gives while no scale-down is under way, as is usual. */
export const nobody = (_pod: Pod): boolean => false;

/**
 * Tells the pods that an admitted scale-down takes but whose controller may not have begun to delete: those that are
 * marked, and those of `decided`, which are about to be. Not every pod of a group carries a mark: the others are told by
 * the unit that the marks name.
 */
export function pendingVictims(snapshot: Snapshot, decided: Iterable<Victim> = []): (pod: Pod) => boolean {
  const units = new Set<string>();
  for (const { workload, candidate } of decided) units.add(`${workload.namespace}/${unitOf(candidate)}`);
  for (const marked of [...snapshot.markedPods(), ...snapshot.instances()]) {
    const unit = markedUnit(marked);
    if (unit !== null) units.add(`${marked.namespace}/${unit}`);
  }
  if (units.size === 0) return nobody;
  const namespaces = new Set([...units].map((unit) => unit.slice(0, unit.indexOf('/'))));
  return (pod) =>
    namespaces.has(pod.namespace) &&
    (ownerAdapterOf(pod)
      ?.unitsOf(pod)
      .some((unit) => units.has(`${pod.namespace}/${unit}`)) ??
      false);
}
