import { staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { pendingVictims } from './pending-victims.ts';

/** By snapshot, what was found and of which version of it: a scheduler asks again before anything changes. */
const known = new WeakMap<Snapshot, { readonly version: number; readonly nodes: ReadonlySet<string> }>();

/** The nodes that a scale-down is emptying: something on them is still to go, and nothing else keeps them busy. */
export function drainingNodes(snapshot: Snapshot): ReadonlySet<string> {
  const { version } = snapshot;
  const kept = known.get(snapshot);
  if (kept?.version === version) return kept.nodes;
  const nodes = drainingNow(snapshot);
  known.set(snapshot, { version, nodes });
  return nodes;
}

function drainingNow(snapshot: Snapshot): ReadonlySet<string> {
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
}
