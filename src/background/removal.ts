import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type CostRemoval, isTouched } from '../domain/victims/cost-write.ts';
import { costReaderOf } from '../workloads/scaling.ts';
import { busyPools } from './in-progress.ts';

/** Takes everything of ours off a pod as the snapshot has it; null when there is nothing, or the pod is gone. */
export function removalOf({ namespace, name, uid }: Pod, snapshot: Snapshot): CostRemoval | null {
  const pod = snapshot.pod(namespace, name);
  return pod?.uid === uid && isTouched(pod) ? { pod, to: null, victim: null } : null;
}

/** Tells the pods among which a controller is choosing right now: their costs may decide. For one snapshot at one moment. */
export function contestedPods(snapshot: Snapshot, now: number): (pod: Pod) => boolean {
  const known = new Map<string, ReadonlySet<string>>();
  return (pod) => {
    const workload = costReaderOf(pod, snapshot);
    if (workload === undefined) return false;
    let contested = known.get(workload.uid);
    if (contested === undefined) {
      const candidates = busyPools(workload, snapshot, now).flatMap((pool) => pool.candidates);
      contested = new Set(candidates.flatMap(({ pods }) => pods.map(({ uid }) => uid)));
      known.set(workload.uid, contested);
    }
    return contested.has(pod.uid);
  };
}
