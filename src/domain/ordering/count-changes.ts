import type { Workload } from '../fleet/workload.ts';
import type { Counts } from './facts.ts';

/** A count that an update changes: of groups (of pods, in a flat kind), or of one role's replicas in every group. */
export interface CountChange {
  /** null for the workload's own count. */
  readonly role: string | null;
  /** null where the role is new. */
  readonly from: number | null;
  /** null where the role is gone. */
  readonly to: number | null;
}

/**
 * The counts that differ: the workload's own first, then those of its roles. What was no number and still is none is
 * the same.
 */
export function countChanges(old: Workload, next: Workload): readonly CountChange[] {
  const own: CountChange = { role: null, from: old.replicas, to: next.replicas };
  const isSame = isSameCount(old.replicas, next.replicas);
  // A /scale changes no role: the lists are the same one.
  if (old.roles === next.roles) return isSame ? [] : [own];
  const roles = new Set([...old.roles, ...next.roles].map(({ name }) => name));
  const ofRoles = [...roles].map((role) => ({ role, from: replicasOf(old, role), to: replicasOf(next, role) }));
  return [own, ...ofRoles].filter(({ from, to }) => !isSameCount(from, to));
}

/** A count that an update changes and that is there before and after: a role added or removed is not scaled. */
export interface Scaling extends CountChange {
  readonly from: number;
  readonly to: number;
}

/** Those of count changes that scale something. */
export function scalingsAmong(changes: readonly CountChange[]): readonly Scaling[] {
  return changes.filter((change): change is Scaling => change.from !== null && change.to !== null);
}

function isSameCount(from: number | null, to: number | null): boolean {
  return from === to || (Number.isNaN(from) && Number.isNaN(to));
}

/** The replicas of a role in every group, null when there is no such role. */
export function replicasOf(workload: Workload, role: string): number | null {
  return workload.roles.find(({ name }) => name === role)?.replicas ?? null;
}

/** The replicas of a role in every group, or (null) the workload's own count; null when there is no such role. */
export function countOf(workload: Workload, role: string | null): number | null {
  return role === null ? workload.replicas : replicasOf(workload, role);
}

/**
 * The workload with these counts in place of its own; roles that it does not have stay away. Where no role is named the
 * roles are the same list, and where nothing is the same workload: what is kept of it is kept by them.
 */
export function withCounts(workload: Workload, { replicas, roles }: Counts): Workload {
  if (roles.size === 0) return replicas === null ? workload : { ...workload, replicas };
  return {
    ...workload,
    replicas: replicas ?? workload.replicas,
    roles: workload.roles.map((role) => ({ ...role, replicas: roles.get(role.name) ?? role.replicas })),
  };
}

/** Whether both levels stand at zero: no groups, and no replicas of any role. */
export function isAllZero(workload: Workload): boolean {
  return workload.replicas === 0 && workload.roles.every(({ replicas }) => replicas === 0);
}

/** The names of its roles in the order that matters to its controller, none where no order does. */
export function roleOrderOf({ roles, roleOrder }: Workload): readonly string[] {
  return roleOrder ?? roles.map(({ name }) => name);
}

/** Whether nothing that rules judge is different: counts, roles and their order, workers, dependencies. */
export function isSameShape(old: Workload, next: Workload): boolean {
  if (old.roles === next.roles) return isSameCount(old.replicas, next.replicas);
  return shapeOf(old) === shapeOf(next);
}

function shapeOf(workload: Workload): string {
  const { replicas, roles } = workload;
  const parts = roles.map((role) => [role.name, role.replicas, role.workers, ...role.dependencies].join(' '));
  return [replicas, roleOrderOf(workload).join(' '), ...parts].join('\n');
}
