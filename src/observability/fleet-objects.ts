import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { adapters } from '../workloads/registry.ts';
import { kindLabel } from './label-values.ts';

/** How many objects of each kind the fleet holds; every kind that packdown knows is there, if only with 0. */
export function countObjects(snapshot: Snapshot): ReadonlyMap<string, number> {
  const counts = new Map([
    ['Node', snapshot.nodeCount],
    ['Pod', snapshot.podCount],
    ...adapters.map(({ kind }): [string, number] => [kind, 0]),
  ]);
  for (const workload of snapshot.workloads()) {
    const kind = kindLabel(workload.kind);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
