import type { OwnerReference } from './pod.ts';

/** An absolute count or a percentage of replicas, as in Kubernetes' IntOrString. */
export type IntOrPercent =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'percent'; readonly value: number };

export interface WorkloadKey {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A role of a grouped workload: how many replicas of it every group holds. */
export interface Role {
  readonly name: string;
  /** NaN when the object holds something that is no number; the ordering rules say so. */
  readonly replicas: number;
  /** Pods of one role replica besides its entry pod. */
  readonly workers: number;
  /** The fewest replicas its gang can start with; null when it declares none. */
  readonly gangMinimum: number | null;
  readonly partition: IntOrPercent | null;
  /** Roles of the same workload that this one needs, by name. */
  readonly dependencies: readonly string[];
  /** Whether its controller may run more replicas than it counts while it rolls; left out where it may not. */
  readonly surges?: boolean;
  /**
   * Whether the object leaves it to a scaler that it counts as well; false where one that there may be is on its way
   * out, left out where the object does not say.
   */
  readonly hasScaler?: boolean;
}

/** The role of another workload that an object scales in place of pods of its own. */
export interface ScaleTarget extends WorkloadKey {
  readonly role: string;
}

/** Something that an object scales together with others. */
export interface Member extends WorkloadKey {
  /** How many replicas of it there are to one of the leader; null where it is copied whole. */
  readonly perLeader: number | null;
}

/** A workload object in the domain's words, whatever its kind. Flat kinds (Deployment, StatefulSet) have no roles. */
export interface Workload extends WorkloadKey {
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner: OwnerReference | null;
  /** Has a deletionTimestamp. One that is deleted in the foreground is there until its pods are gone. */
  readonly deleting?: boolean;
  /** One more with every change of its spec, where the apiserver counts them. */
  readonly generation?: number;
  /** Groups of a grouped kind, pods of a flat one. NaN when the object holds something that is no number. */
  readonly replicas: number;
  /** The ordinal of the first replica; only StatefulSets move it. */
  readonly firstOrdinal: number;
  readonly roles: readonly Role[];
  /**
   * The names of all roles in an order that matters to its controller; empty where none does. Left out where that is
   * the order of `roles`, which does not hold those that only a scaler counts.
   */
  readonly roleOrder?: readonly string[];
  readonly partition: IntOrPercent | null;
  /** The fewest groups that its gang can live with; null when it declares none. */
  readonly gangMinimum: number | null;
  /** Whether its groups start whole or not at all, though neither it nor a role of it may declare a minimum. */
  readonly startsWhole?: boolean;
  /** How long a replica must be ready to count as available, where its controller asks. */
  readonly minReadySeconds?: number;
  /** Whether its controller may run more replicas than it counts while it rolls. */
  readonly surges?: boolean;
  /** The revision that its controller brings its instances to, where its status says so. */
  readonly updateRevision?: string;
  /** Only of scalers, which own no pods. */
  readonly target?: ScaleTarget;
  /** Of a scaler that nobody has given a count yet: it asks for nothing. */
  readonly isUncounted?: boolean;
  /** Only of what scales other workloads together. */
  readonly members?: readonly Member[];
  /** The groups or instances that go first, by name, where the object itself lists them. */
  readonly goesFirst?: readonly string[];
}

/** `Kind/namespace/name`, as users write it after --scale. */
export function workloadName(workload: WorkloadKey): string {
  return `${workload.kind}/${workload.namespace}/${workload.name}`;
}

/** A key under which two objects are the same workload. */
export function workloadId(workload: WorkloadKey): string {
  return `${workload.group}/${workload.kind}/${workload.namespace}/${workload.name}`;
}

/** Whether its uid was left out, by a fleet file or a review: its id stands in for that. */
export function lacksUid(object: WorkloadKey & { readonly uid: string }): boolean {
  return object.uid === workloadId(object);
}

/** Whether this is the uid of an object as the fleet has it: any is where it has none. */
export function hasUid(known: WorkloadKey & { readonly uid: string }, uid: string): boolean {
  return known.uid === uid || lacksUid(known);
}

/** A key for a role of a workload, of which none is a workload's: names hold no slash. */
export function roleId(workload: WorkloadKey, role: string): string {
  return `${workloadId(workload)}/${role}`;
}

/** A percentage counts of `replicas`, rounded up, as Kthena and Kubernetes' rollouts resolve it. */
export function resolvePartition(partition: IntOrPercent | null, replicas: number): number {
  if (partition === null) return 0;
  return partition.kind === 'int' ? partition.value : Math.ceil((partition.value * replicas) / 100);
}
