import { markedUnit, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Victim } from '../domain/victims/plan.ts';
import { instanceOf } from './cost-readers.ts';
import { ownerAdapterOf } from './registry.ts';

const NONE: ReadonlySet<string> = new Set();

/**
 * Tells the pods that an admitted scale-down takes but whose controller may not have begun to delete: those that are
 * marked, and those of `decided`, which are about to be. Not every pod of a group carries a mark: the others are told
 * by the unit that the marks name, among the pods of the same controller, for other kinds may have units of that name.
 */
export function pendingVictims(snapshot: Snapshot, decided: Iterable<Victim> = []): (pod: Pod) => boolean {
  const pods = new Set<string>();
  for (const { candidate } of decided) for (const { uid } of candidate.pods) pods.add(uid);
  // No scale-down is under way, as is usual.
  if (pods.size === 0 && isEmpty(snapshot.markedPods()) && isEmpty(snapshot.instances())) return () => false;
  /** By the uid of the controller, read when somebody asks: of thousands of marks a decision meets a few. */
  const units = new Map<string, ReadonlySet<string>>();
  const goingWith = (pod: Pod, controller: string) => {
    const known = units.get(controller) ?? unitsGoing(pod, controller, snapshot);
    units.set(controller, known);
    return known;
  };
  return (pod) => {
    if (pods.has(pod.uid)) return true;
    const going = pod.controller === null ? NONE : goingWith(pod, pod.controller.uid);
    if (going.size === 0) return false;
    const own = ownerAdapterOf(pod)?.unitsOf(pod) ?? [];
    return own.some((unit) => going.has(unit));
  };
}

/**
 * What is marked among the pods of a pod's controller, or that one itself, which is the instance of the pods of one.
 */
function unitsGoing(pod: Pod, controller: string, snapshot: Snapshot): ReadonlySet<string> {
  const instance = instanceOf(pod, snapshot);
  const marked = [...snapshot.markedPodsOf(controller), ...(instance === undefined ? [] : [instance])];
  return marked.length === 0 ? NONE : new Set(marked.flatMap((carrier) => markedUnit(carrier) ?? []));
}

function isEmpty(some: Iterable<unknown>): boolean {
  for (const _ of some) return false;
  return true;
}
