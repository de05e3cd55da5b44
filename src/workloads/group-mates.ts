import { isActive, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { WorkloadAdapter } from './adapter.ts';
import { podsUnder } from './owned-pods.ts';
import { workloadsAbove } from './owners-above.ts';
import { adapterOf, ownerAdapterOf } from './registry.ts';

const NONE: ReadonlyMap<string, number> = new Map();

/** Of some pods those that go together: those of one unit, by its name. */
interface Group {
  readonly name: string;
  readonly adapter: WorkloadAdapter;
  readonly among: readonly Pod[];
}

/**
 * How many pods of a pod's group each node holds, the pod itself left out: those that go when its group goes. Empty for
 * a pod of which every replica is a group of its own, as in a Deployment. `nodeOf` tells where a pod is, null for
 * nowhere.
 */
export function groupMates(
  pod: Pod,
  snapshot: Snapshot,
  nodeOf: (mate: Pod) => string | null,
): ReadonlyMap<string, number> {
  const group = groupOf(pod, snapshot);
  if (group === null) return NONE;
  const mates = new Map<string, number>();
  for (const mate of group.among) {
    if (mate.uid === pod.uid || !isActive(mate) || group.adapter.unitsOf(mate)[0] !== group.name) continue;
    const node = nodeOf(mate);
    if (node !== null) mates.set(node, (mates.get(node) ?? 0) + 1);
  }
  return mates;
}

/** Of the nearest that has groups of more than a pod: what controls the pod, directly or by others. */
function groupOf(pod: Pod, snapshot: Snapshot): Group | null {
  const { controller } = pod;
  if (controller === null) return null;
  const direct = ownerAdapterOf(pod);
  const [unit] = direct?.unitsOf(pod) ?? [];
  if (direct !== undefined && unit !== undefined && unit !== pod.name)
    return { name: unit, adapter: direct, among: snapshot.podsOf(controller.uid) };
  for (const workload of workloadsAbove([pod], snapshot)) {
    const adapter = adapterOf(workload);
    const [name] = adapter.unitsOf(pod);
    // A group of a LeaderWorkerSet is called as its leader is.
    if (name !== undefined && (name !== pod.name || workload.roles.length > 0))
      return { name, adapter, among: podsUnder(workload.uid, snapshot) };
  }
  return null;
}
