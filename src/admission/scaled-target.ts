import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import { replicasOf, withCounts } from '../domain/ordering/count-changes.ts';
import type { Counts } from '../domain/ordering/facts.ts';
import { rolesOutside, scalersOf, withRoles, withScalersCounts } from '../workloads/scalers.ts';
import type { ChangeReading } from './change-reading.ts';

/**
 * What a change of a scaler means for what it scales: the same change of one role there, which is what rules are about.
 * A change of what has scalers is one beside the roles that they count. A change of anything else, or of a scaler whose
 * target the fleet does not show, is what it is.
 */
export function throughTarget(reading: ChangeReading, snapshot: Snapshot): ChangeReading {
  const { old, next } = reading;
  const { target } = next;
  if (target === undefined) return besideScalers(reading, snapshot);
  if (snapshot.workload(target) === undefined) {
    const warning = `${workloadName(target)}, which ${workloadName(next)} scales, is not in the fleet (yet): only its count was checked`;
    return { ...reading, warnings: [...reading.warnings, warning] };
  }
  const scaled = scaledBy(next, snapshot);
  if (scaled === undefined) return reading;
  const { workload, role } = scaled;
  // Until it has a count, what it scales keeps its own.
  const at = ({ replicas, isUncounted = false }: Workload): Workload =>
    isUncounted ? workload : withCounts(workload, asCounts(role, replicas));
  return { ...reading, old: at(old), next: at(next), isLookedUp: true };
}

/**
 * A role that is taken back from its scaler goes from that one's count to its own; one that is only now handed to a
 * scaler, which does not have its count yet, is not compared.
 */
function besideScalers(reading: ChangeReading, snapshot: Snapshot): ChangeReading {
  const { old, next } = reading;
  // On the path of every review: few kinds name roles that they do not count, and /scale changes no role.
  if (old.roles === next.roles || next.roleOrder === undefined) return reading;
  const scalers = scalersOf(old, snapshot);
  const outside = rolesOutside(next, scalers).filter(({ name }) => replicasOf(old, name) === null);
  const takenBack = next.roles.flatMap((role) => {
    const scaler = replicasOf(old, role.name) === null ? scalers.get(role.name) : undefined;
    return scaler === undefined ? [] : [{ ...role, replicas: scaler.replicas }];
  });
  return { ...reading, old: withRoles(old, [...outside, ...takenBack]), next: withRoles(next, outside) };
}

/** What a scaler's count counts, where the fleet shows it: a role of another workload. */
export function scaledBy(
  { target }: Workload,
  snapshot: Snapshot,
): { readonly workload: Workload; readonly role: string } | undefined {
  const workload = target && snapshot.workload(target);
  if (target === undefined || workload === undefined) return undefined;
  const { role } = target;
  // An orphan's role is no part of its target any more.
  const scaled = withScalersCounts(workload, scalersOf(workload, snapshot));
  return scaled.roles.some(({ name }) => name === role) ? { workload: scaled, role } : undefined;
}

/** The count of one role. */
export function asCounts(role: string, count: number): Counts {
  return { replicas: null, roles: new Map([[role, count]]) };
}
