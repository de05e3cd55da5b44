import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Role, type Workload, workloadId } from '../domain/fleet/workload.ts';
import { withCounts } from '../domain/ordering/count-changes.ts';

/** The objects that scale one role of a workload each, by the role's name. */
export type Scalers = ReadonlyMap<string, Workload>;

const NONE: Scalers = new Map();

const PLAIN = { workers: 0, gangMinimum: null, partition: null, dependencies: [] };

/**
 * The objects of their own that scale roles of a workload, where it has such that have been given a count. Of several
 * for one role, which is a mistake, the one that is called as its controller calls its own, else the first by name.
 */
export function scalersOf(workload: Workload, snapshot: Snapshot): Scalers {
  const owned = snapshot.workloadsOf(workload.uid);
  // On the path of every review.
  if (owned.length === 0) return NONE;
  const id = workloadId(workload);
  const isTakenBack = (role: string) => workload.roles.find(({ name }) => name === role)?.hasScaler === false;
  const scalers = new Map<string, Workload>();
  for (const scaler of owned) {
    const { target, isUncounted = false } = scaler;
    if (target === undefined || isUncounted || workloadId(target) !== id || isTakenBack(target.role)) continue;
    // RBG carries out this one, and refuses what others ask for.
    const isTheirs = scaler.name === `${workload.name}-${target.role}`;
    if (isTheirs || !scalers.has(target.role)) scalers.set(target.role, scaler);
  }
  return scalers;
}

/**
 * Those that are still in force once `old` has become `next`: one whose role is taken back from it goes with the
 * update.
 */
export function scalersAfter(old: Workload, next: Workload, snapshot: Snapshot): Scalers {
  const scalers = scalersOf(next, snapshot);
  if (scalers.size === 0) return scalers;
  const isLeftIn = ({ roles }: Workload, role: string) => roles.find(({ name }) => name === role)?.hasScaler === true;
  return new Map([...scalers].filter(([role]) => isLeftIn(next, role) || !isLeftIn(old, role)));
}

/**
 * The workload as its scalers want it: what they ask for may be carried out a moment later. Of roles that only they
 * count nothing else is known.
 */
export function withScalersCounts(workload: Workload, scalers: Scalers): Workload {
  if (scalers.size === 0) return workload;
  const roles = new Map([...scalers].map(([role, { replicas }]) => [role, replicas]));
  const counted = withCounts(workload, { replicas: null, roles });
  return withRoles(counted, rolesOutside(workload, scalers));
}

/** The roles that the object names and leaves to its scalers to count. */
export function rolesOutside({ roles, roleOrder = [] }: Workload, scalers: Scalers): readonly Role[] {
  return roleOrder.flatMap((name): readonly Role[] => {
    const scaler = roles.some((role) => role.name === name) ? undefined : scalers.get(name);
    return scaler === undefined ? [] : [{ ...PLAIN, name, replicas: scaler.replicas }];
  });
}

/** The workload with these roles besides its own. */
export function withRoles(workload: Workload, roles: readonly Role[]): Workload {
  return roles.length === 0 ? workload : { ...workload, roles: [...workload.roles, ...roles] };
}
