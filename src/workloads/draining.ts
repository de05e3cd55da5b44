import { staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { memo } from '../domain/memo.ts';
import { pendingVictims } from './pending-victims.ts';

/** The nodes that a scale-down is emptying: something on them is still to go, and nothing else keeps them busy. */
export function drainingNodes(snapshot: Snapshot): ReadonlySet<string> {
  return drainingAt(snapshot, snapshot.version);
}

/** Kept, for a scheduler asks again before anything changes. */
const drainingAt = memo((snapshot: Snapshot, _version: number): ReadonlySet<string> => {
  const isPending = pendingVictims(snapshot);
  // What goes with a marked pod has the same controller, and what goes with an instance has that one.
  const marked = [...snapshot.markedPods()].flatMap(({ controller }) => controller?.uid ?? []);
  const instances = [...snapshot.instances()].filter(({ victim }) => victim !== null).map(({ uid }) => uid);
  const going = [...new Set([...marked, ...instances])].flatMap((uid) => snapshot.podsOf(uid)).filter(isPending);
  const nodes = new Set(going.flatMap(({ node }) => node ?? []));
  const isEmptying = (node: string) => {
    const busy = snapshot.podsOnNode(node).filter((pod) => !staysOnFreeNode(pod));
    return busy.every((pod) => pod.deleting || isPending(pod)) && busy.some(isPending);
  };
  return new Set([...nodes].filter(isEmptying));
});
