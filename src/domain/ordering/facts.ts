import type { Revision } from '../fleet/revision.ts';
import type { Role } from '../fleet/workload.ts';

/** What the fleet adds to old and next. What is null, or missing from a map, cannot be known: no rule speaks of it. */
export interface Facts {
  /** The workload that this one carries out the counts of; null for one that nobody known owns. */
  readonly owner: OwnersWill | null;
  /** What counts a role in the workload's place, by the role: `RoleBasedGroupScalingAdapter/llm/chat-decode`. */
  readonly scalers: ReadonlyMap<string, string>;
  readonly memberOf: Membership | null;
  /** The replicas that each count counts: by role, and under null the workload's own. */
  readonly observed: ReadonlyMap<string | null, Observed>;
  /** What new groups are created by. */
  readonly revision: Revision | null;
  /** The role whose first replica the selector that HPA reads hangs on. */
  readonly anchorRole: string | null;
  /** How many of the groups by which it grows could be placed at the very most. */
  readonly room: number | null;
  /** Whether the counts of its roles are for what is created only, and change nothing that there is. */
  readonly rolesAreTemplates: boolean;
  /** Null also when the change leaves it as it is. */
  readonly scaleDownList: ScaleDownList | null;
}

export interface OwnersWill {
  /** `Deployment/default/web`. */
  readonly name: string;
  /** Null when it cannot be told, e.g. in the middle of a rollout: then whatever comes may be what it asks for. */
  readonly asks: Counts | null;
  /** Whether it takes what it owns to none by itself on the way to what it asks for, as a Deployment that recreates. */
  readonly passesZero?: boolean;
  /** What to do in place of scaling the owner, as a clause. */
  readonly wayOut?: string;
  /** The roles that it gives its workloads whole, as a template does; left out where it asks for counts only. */
  readonly roles?: readonly Role[];
}

/** Counts that somebody asks of a workload; what is null or missing is left to others. */
export interface Counts {
  readonly replicas: number | null;
  readonly roles: ReadonlyMap<string, number>;
}

/** The ResourceScalingGroup that a workload is scaled with others by. */
export interface Membership {
  /** `ResourceScalingGroup/llm/chat`. */
  readonly name: string;
  /** The count that it asks of this member; null when it copies its members whole and never changes their counts. */
  readonly asks: number | null;
}

/** What there is of the replicas that one count counts, in all groups together for a role. */
export interface Observed {
  /** How many the controller was told to keep until now. */
  readonly wanted: number;
  /** Not on their way out. */
  readonly present: number;
  readonly ready: number;
  /** Present, not ready, and not failing either. */
  readonly starting: number;
  readonly deleting: number;
  /** By name, where ordinals name replicas: those that a scale-up would create first. */
  readonly missing: readonly string[];
  /** Milliseconds since the newest pod was created; null without one. */
  readonly age: number | null;
}

/** The order in which groups are to be deleted, where the object itself holds it. */
export interface ScaleDownList {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** All groups there are; null when that cannot be told. */
  readonly groups: readonly string[] | null;
  /** The group of the user's own resources. */
  readonly own: string | null;
}

/** Of an owner that leaves all counts to others. */
export const NOTHING_ASKED: Counts = { replicas: null, roles: new Map() };

/**
 * Whether something else counts one of these roles in the workload's place: then no single update changes them
 * together.
 */
export function areCountedApart(roles: readonly string[], { scalers }: Facts): boolean {
  return roles.some((role) => scalers.has(role));
}

export const NOTHING_KNOWN: Facts = {
  owner: null,
  scalers: new Map(),
  memberOf: null,
  observed: new Map(),
  revision: null,
  anchorRole: null,
  room: null,
  rolesAreTemplates: false,
  scaleDownList: null,
};
