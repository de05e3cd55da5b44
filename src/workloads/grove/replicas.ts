import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import type { Reading } from '../adapter.ts';
import { scaleOrdinals } from '../ordinal-pool.ts';
import { podsUnder } from '../owned-pods.ts';
import { unitOfPods } from '../unit.ts';

/**
 * Replicas of a PodCliqueSet or PodCliqueScalingGroup: everything that it owns is called `<its name>-<replica>-…`. The
 * highest replica goes.
 */
export function scaleReplicas(request: ScaleRequest, snapshot: Snapshot, now: number): Reading {
  const { name } = request.workload;
  const units = [...childrenByReplica(request.workload, snapshot)].map(([ordinal, children]) => {
    const pods = children.flatMap(({ uid }) => podsUnder(uid, snapshot));
    return unitOfPods(`${name}-${ordinal}`, ordinal, pods);
  });
  return scaleOrdinals(request, units, now);
}

/** What such an owner owns, by the replica that it is of. */
export function childrenByReplica({ uid, name }: Workload, snapshot: Snapshot): Map<number, readonly Workload[]> {
  const children: Map<number, readonly Workload[]> = Map.groupBy(snapshot.workloadsOf(uid), (child) =>
    replicaOf(name, child),
  );
  children.delete(-1);
  return children;
}

/** The replica that a child belongs to, −1 for one whose name says none. */
function replicaOf(owner: string, { name }: Workload): number {
  if (!name.startsWith(`${owner}-`)) return -1;
  const [, replica] = /^(\d+)-/.exec(name.slice(owner.length + 1)) ?? [];
  return replica === undefined ? -1 : Number(replica);
}
