import { namespacedName } from '../../domain/fleet/namespaced-name.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Placed } from '../places.ts';
import type { SessionNode } from './session-objects.ts';

/**
 * What a session of Volcano has placed that is not bound: a gang, of which none is bound before all have their places.
 */
export function placedIn(nodes: readonly SessionNode[], snapshot: Snapshot): Placed {
  const places = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const { name, tasks } of nodes) {
    const bound = new Set(snapshot.podsOnNode(name).map(namespacedName));
    const placed = tasks.filter((task) => !bound.has(task));
    for (const task of placed) places.set(task, name);
    counts.set(name, placed.length);
  }
  return { nodeOf: (pod) => places.get(namespacedName(pod)) ?? null, countOn: (node) => counts.get(node) ?? 0 };
}
