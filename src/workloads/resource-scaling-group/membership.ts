import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { type Workload, workloadId, workloadName } from '../../domain/fleet/workload.ts';
import type { Membership } from '../../domain/ordering/facts.ts';

/** The ResourceScalingGroup of this form that binds a workload, or that made it as a copy. */
export function membershipIn(
  { group, kind }: { readonly group: string; readonly kind: string },
  workload: Workload,
  snapshot: Snapshot,
): Membership | null {
  for (const scaling of snapshot.workloadsOfKind(group, kind)) {
    const name = workloadName(scaling);
    if (workload.owner?.uid === scaling.uid) return { name, asks: null };
    const member = scaling.members?.find((candidate) => workloadId(candidate) === workloadId(workload));
    if (member === undefined) continue;
    if (member.perLeader === null) return { name, asks: null };
    // How a fraction is rounded is its controller's affair: then nobody else can tell what it asks for.
    const asks = scaling.replicas * member.perLeader;
    return Number.isInteger(asks) ? { name, asks } : null;
  }
  return null;
}
