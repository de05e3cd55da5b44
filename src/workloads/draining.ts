import { staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { nobody, pendingVictims } from './pending-victims.ts';

/** Tells the nodes that a scale-down is emptying: something on them is still to go, and nothing else keeps them busy. */
export function drainingNodes(snapshot: Snapshot): (node: string) => boolean {
  const isPending = pendingVictims(snapshot);
  if (isPending === nobody) return () => false;
  return (node) => {
    const busy = snapshot.podsOnNode(node).filter((pod) => !staysOnFreeNode(pod));
    // In this order: on most nodes the first pod stays.
    return busy.every((pod) => pod.deleting || isPending(pod)) && busy.some(isPending);
  };
}
