import { type Pod, staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';

/** A node that is to lose pods. */
interface Awaited {
  /** The uids of those that this replica has predicted to go. */
  readonly ours: Set<string>;
  /** The uids of all that kept it busy when it was last looked at. */
  present: ReadonlySet<string>;
  deadline: number;
}

/**
 * Nodes that scale-downs free: those that the pods which were to go leave last. Where somebody else's pods leave later,
 * by a drain or by a scale-down of which another replica of packdown knows, the node is theirs.
 */
export class FreedNodes {
  readonly #awaited = new Map<string, Awaited>();

  get isEmpty(): boolean {
    return this.#awaited.size === 0;
  }

  /** Watches the nodes of pods that are to go until a moment, milliseconds since the epoch. */
  expect(pods: readonly Pod[], snapshot: Snapshot, deadline: number): void {
    for (const pod of pods) {
      if (pod.node === null || staysOnFreeNode(pod)) continue;
      const known = this.#awaited.get(pod.node);
      const awaited = known ?? { ours: new Set(), present: uidsOf(busyPods(pod.node, snapshot)), deadline };
      awaited.ours.add(pod.uid);
      awaited.deadline = Math.max(awaited.deadline, deadline);
      this.#awaited.set(pod.node, awaited);
    }
  }

  /** What was to go is still expected to, until another moment. */
  prolong(pods: readonly Pod[], deadline: number): void {
    for (const { node, uid } of pods) {
      const awaited = node === null ? undefined : this.#awaited.get(node);
      if (awaited?.ours.has(uid) === true) awaited.deadline = Math.max(awaited.deadline, deadline);
    }
  }

  /** How many nodes are free that these pods have left in place of those that were to go. */
  leftBy(pods: readonly Pod[], snapshot: Snapshot): number {
    const nodes = new Set(pods.flatMap((pod) => (staysOnFreeNode(pod) ? [] : (pod.node ?? []))));
    return [...nodes].filter((node) => !this.#awaited.has(node) && isFree(node, busyPods(node, snapshot), snapshot))
      .length;
  }

  /** How many have become free since. */
  check(snapshot: Snapshot, now: number): number {
    let freed = 0;
    for (const [node, awaited] of this.#awaited) {
      const busy = busyPods(node, snapshot);
      // Of several that left since the last look, all replicas take the same for the last.
      const [last] = [...awaited.present].sort();
      if (isFree(node, busy, snapshot) && last !== undefined && awaited.ours.has(last)) freed += 1;
      awaited.present = uidsOf(busy);
      const ours = busy.filter(({ uid }) => awaited.ours.has(uid));
      // However long they take to end.
      const isUnderWay = ours.some(({ deleting }) => deleting);
      if (ours.length === 0 || (awaited.deadline <= now && !isUnderWay)) this.#awaited.delete(node);
    }
    return freed;
  }
}

/** A node that is gone itself was freed by nobody: its pods went with it. */
function isFree(node: string, busy: readonly Pod[], snapshot: Snapshot): boolean {
  return busy.length === 0 && snapshot.node(node) !== undefined;
}

function busyPods(node: string, snapshot: Snapshot): readonly Pod[] {
  return snapshot.podsOnNode(node).filter((pod) => !staysOnFreeNode(pod));
}

function uidsOf(pods: readonly Pod[]): ReadonlySet<string> {
  return new Set(pods.map(({ uid }) => uid));
}
