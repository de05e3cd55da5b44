import { precedes } from '../../domain/fleet/namespaced-name.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { type Member, type Workload, workloadId, workloadName } from '../../domain/fleet/workload.ts';
import type { Membership } from '../../domain/ordering/facts.ts';

/**
 * The ResourceScalingGroup of this form that binds a workload, or that made it as a copy; of several, which is a
 * mistake, the first by name.
 */
export function membershipIn(
  { group, kind }: { readonly group: string; readonly kind: string },
  workload: Workload,
  snapshot: Snapshot,
): Membership | null {
  let first: Workload | undefined;
  for (const scaling of snapshot.workloadsOfKind(group, kind)) {
    if ((first === undefined || precedes(scaling, first)) && placeIn(scaling, workload) !== undefined) first = scaling;
  }
  const place = first && placeIn(first, workload);
  if (first === undefined || place === undefined) return null;
  const name = workloadName(first);
  if (place.perLeader === null) return { name, asks: null };
  // How a fraction is rounded is its controller's affair: then nobody else can tell what it asks for.
  const asks = first.replicas * place.perLeader;
  return Number.isInteger(asks) ? { name, asks } : null;
}

function placeIn(scaling: Workload, workload: Workload): Pick<Member, 'perLeader'> | undefined {
  if (workload.owner?.uid === scaling.uid) return { perLeader: null };
  return scaling.members?.find((member) => workloadId(member) === workloadId(workload));
}
