import { type Pod, staysOnFreeNode } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';

/** Nodes that lose pods by a scale-down, until they are free or nobody waits for it any longer. */
export class FreedNodes {
  /** By node, until when it is waited for, milliseconds since the epoch. */
  readonly #awaited = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#awaited.size === 0;
  }

  /** Waits for the nodes that these pods kept busy. */
  expect(pods: readonly Pod[], deadline: number): void {
    for (const pod of pods) if (pod.node !== null && !staysOnFreeNode(pod)) this.#awaited.set(pod.node, deadline);
  }

  /** How many have become free; each is told once. */
  check(snapshot: Snapshot, now: number): number {
    const free = [...this.#awaited.keys()].filter((node) => snapshot.podsOnNode(node).every(staysOnFreeNode));
    for (const node of free) this.#awaited.delete(node);
    for (const [node, deadline] of this.#awaited) if (deadline <= now) this.#awaited.delete(node);
    return free.length;
  }
}
