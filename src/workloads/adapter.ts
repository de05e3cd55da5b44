import type { Instance } from '../domain/fleet/instance.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import type { RoleRatio } from '../domain/fleet/ratio-policy.ts';
import type { Revision } from '../domain/fleet/revision.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import type { Counts, Membership, ScaleDownList } from '../domain/ordering/facts.ts';
import type { Pool, ScaleRequest } from '../domain/victims/pool.ts';
import type { JsonObject } from './core/json.ts';
import type { JsonPatch } from './core/json-patch.ts';

/** What a scale request means for one workload as the fleet has it now. */
export interface Reading {
  readonly pools: readonly Pool[];
  /** What a scale-up creates, by name; empty where names are random. */
  readonly created: readonly string[];
  readonly warnings: readonly string[];
  /** Whether nobody can tell all that goes, besides what the pools say; left out where there is no more to it. */
  readonly isUnforeseen?: true;
}

/** Where there is nothing that a scale request could change. */
export const NOTHING_READ: Reading = { pools: [], created: [], warnings: [] };

/** Where nobody can tell what goes, and why. */
export function unforeseen(warning: string): Reading {
  return { ...NOTHING_READ, warnings: [warning], isUnforeseen: true };
}

/** The same where its controller may keep some of these beyond the new count for a while. */
export function surging(workload: Workload, things: 'groups' | 'instances'): Reading {
  return unforeseen(
    `${workloadName(workload)} keeps up to its maxSurge of ${things} more until the others are updated and ready: which ones go is decided then`,
  );
}

/** Several readings as one: of several requests, or of the parts of one. */
export function together(readings: readonly Reading[]): Reading {
  return {
    pools: readings.flatMap(({ pools }) => pools),
    created: readings.flatMap(({ created }) => created),
    warnings: readings.flatMap(({ warnings }) => warnings),
    ...(readings.some(({ isUnforeseen }) => isUnforeseen) && { isUnforeseen: true }),
  };
}

/** A kind of objects between a workload and its pods that carry the cost in the pods' place. */
export interface InstanceReader {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  /** Whether the controller of this workload looks at the costs on its instances. */
  isReadBy(workload: Workload): boolean;
  read(object: JsonObject): Instance;
}

/** What stands as long as enough of its parts do. */
export interface Gang {
  /** Pods that stay, and what stands or falls as a whole itself. */
  readonly parts: readonly (Pod | Gang)[];
  /** How many parts it needs. */
  readonly minimum: number;
}

/** What reading and filling in depend on besides the fleet. */
export interface AdapterOptions {
  /** The label by which copies that a ResourceScalingGroup makes tell their group. */
  readonly groupLabel: string;
}

export interface FillInOptions extends AdapterOptions {
  /** The binpack cost of a pod on its node. */
  scoreOf(pod: Pod): number;
}

/** What an object gets filled in on its way into the cluster. */
export interface FillIn {
  readonly patch: JsonPatch;
  readonly warnings: readonly string[];
}

/** What packdown knows of one kind: how to read its objects, and what its controller does on a change of replicas. */
export interface WorkloadAdapter {
  readonly kind: string;
  /** The API group, '' for the core group. */
  readonly group: string;
  /** The versions in which the webhooks are shown it. */
  readonly versions: readonly string[];
  /** The plural in the API's paths. */
  readonly resource: string;
  /** Whether its API has a /scale. */
  readonly scalable: boolean;
  /** Whether an object is one group, of which only the roles have counts. */
  readonly isOneGroup?: boolean;
  /** What decides which replicas a scale-down deletes, as a clause for people. */
  readonly steeredBy: string;
  /** Whether its controller reads pod-deletion-cost on the pods it owns. */
  readonly readsPodCosts: boolean;
  /** What carries the cost in place of its pods. */
  readonly instances?: InstanceReader;
  read(object: JsonObject): Workload;
  /** The part of the object whose change replaces pods instead of counting them. */
  template(object: JsonObject): unknown;
  /** `request.workload` is the workload as it will be; `now` is milliseconds since the epoch. */
  scale(request: ScaleRequest, snapshot: Snapshot, now: number, options?: AdapterOptions): Reading;
  /** Why nothing is steered when this object changes from `old` to `next`; null when it is the moment to. */
  defers?(old: Workload, next: Workload, snapshot: Snapshot): string | null;
  /** What to add to an object whose update is on its way. */
  fillIn?(old: JsonObject, next: JsonObject, snapshot: Snapshot, options: FillInOptions): FillIn;
  /** The units that a pod goes with, as marks name them: itself, or its role replica and its group. */
  unitsOf(pod: Pod): readonly string[];
  /**
   * The gangs that an object of this kind is made of, where they lie within each other; of pods that `stays` is true
   * of.
   */
  gangs?(workload: Workload, snapshot: Snapshot, stays: (pod: Pod) => boolean): readonly Gang[];
  /** The role that a pod is of, by name, where every group chooses among its own replicas of a role. */
  roleOf?(pod: Pod): string | null;
  /** The name of the workload that a pod without an owner reference belongs to, by its labels. */
  nameFromLabels?(pod: Pod): string | null;
  /**
   * What an object of this kind asks of one that it owns; null when that cannot be told. Only ever its own controller's
   * number: what differs is refused, and a controller that is refused tries again for ever.
   */
  asks?(owned: Workload, owner: Workload, snapshot: Snapshot): Counts | null;
  /**
   * Whether its controller copies what scalers of its roles ask for into the object, which then counts the same roles.
   */
  readonly copiesScalers?: boolean;
  /** Whether it takes what it owns to none by itself on the way to what it asks for. */
  readonly passesZero?: boolean;
  /** What counts in place of the object the role that one that it owns carries out, where something does. */
  scalerOf?(owned: Workload, owner: Workload, snapshot: Snapshot): Workload | undefined;
  /** Whether the counts of its roles are for what is created only, and change nothing that there is. */
  readonly rolesAreTemplates?: boolean;
  /** Whether what an object of this kind owns gets its roles from it whole, and not their counts alone. */
  readonly givesRoles?: boolean;
  /** The object of this kind that scales `workload` together with others. */
  membership?(workload: Workload, snapshot: Snapshot): Membership | null;
  /** The ratio of two roles that something else than the workload itself declares. */
  declaredRatio?(workload: Workload, snapshot: Snapshot): RoleRatio | null;
  /** What the next group is created by, where a controller stores that. */
  revision?(workload: Workload, snapshot: Snapshot): Revision | null;
  /** The role whose first replica the selector that HPA reads hangs on. */
  anchorRole?(workload: Workload): string | null;
  /** The order in which groups are to be deleted, where the object holds it. */
  scaleDownList?(object: JsonObject): readonly string[];
  /** What that list may name, and which of it is the user's own resources. */
  listable?(workload: Workload, snapshot: Snapshot, options?: AdapterOptions): Pick<ScaleDownList, 'groups' | 'own'>;
}
