import { isActive, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { ownerAdapterOf } from './registry.ts';

const NONE: ReadonlyMap<string, number> = new Map();

/**
 * How many pods of a pod's group each node holds, the pod itself left out: those that go when its group goes. Empty for
 * a pod of which every replica is a group of its own, as in a Deployment.
 */
export function groupMates(pod: Pod, snapshot: Snapshot): ReadonlyMap<string, number> {
  const { controller } = pod;
  const adapter = ownerAdapterOf(pod);
  const group = adapter?.unitsOf(pod)[0];
  if (controller === null || adapter === undefined || group === undefined || group === pod.name) return NONE;
  const mates = new Map<string, number>();
  for (const mate of snapshot.podsOf(controller.uid)) {
    const isMate = mate.node !== null && mate.uid !== pod.uid && isActive(mate) && adapter.unitsOf(mate)[0] === group;
    if (isMate) mates.set(mate.node, (mates.get(mate.node) ?? 0) + 1);
  }
  return mates;
}
