import type { Resources } from '../resources/resource-list.ts';
import type { Costed } from './costed.ts';
import type { SpreadConstraint } from './spread-constraint.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** The few fields of a Kubernetes Pod that decisions read. Times are milliseconds since the epoch. */
export interface Pod extends Costed {
  /** It carries its cost itself; what carries one in its place has a `place`, which tells the two apart. */
  readonly place?: undefined;
  readonly node: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** The owner reference with `controller: true`. */
  readonly controller: OwnerReference | null;
  readonly requests: Resources;
  readonly phase: PodPhase;
  readonly ready: boolean;
  readonly readySince: number | null;
  readonly created: number;
  /** The most of any one container. */
  readonly restarts: number;
  /** The most of any one sidecar; left out where none was restarted. */
  readonly sidecarRestarts?: number;
  /** Has a deletionTimestamp. */
  readonly deleting: boolean;
  /** That deletionTimestamp: when its grace period is over. Left out where it is not deleting. */
  readonly deletingUntil?: number;
  /**
   * Has the condition DisruptionTarget: it is evicted, preempted, or its node is gone, and no controller has chosen it.
   * Left out where it has not.
   */
  readonly evicted?: true;
  /** A static pod's mirror, or one that its annotation says counts as a DaemonSet's: scaling cannot move it. */
  readonly mirror: boolean;
  /** The annotation `packdown.io/keep`, clamped to ±1000: higher is more worth keeping. */
  readonly keep: number;
  readonly spread: readonly SpreadConstraint[];
}

/** Succeeded and Failed pods hold no resources and keep no node busy. */
export function isFinished(pod: Pod): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

/** What ReplicaSet counts: neither finished nor on its way out. */
export function isActive(pod: Pod): boolean {
  return !pod.deleting && !isFinished(pod);
}

/** Milliseconds after its grace period in which even a slow kubelet has ended a pod: what is there still hangs. */
const HANGS_AFTER = 300_000;

/** Whether its kubelet should have ended it long ago: its node has died perhaps, and it may stay for ever. */
export function hangs({ deletingUntil }: Pod, now: number): boolean {
  return deletingUntil !== undefined && now - deletingUntil >= HANGS_AFTER;
}

/** A node is free when only such pods are left on it: DaemonSet, static and finished ones. */
export function staysOnFreeNode(pod: Pod): boolean {
  return pod.mirror || pod.controller?.kind === 'DaemonSet' || isFinished(pod);
}

export type CostOwnership = 'packdown' | 'other' | 'none';

/** Whose cost it carries: ours only while the value still equals our record of it. */
export function costOwnership({ cost, costOwner }: Costed): CostOwnership {
  if (cost === null) return 'none';
  return cost === costOwner ? 'packdown' : 'other';
}

/** The unit that packdown has marked it to go with; a mark is void once somebody else has changed the cost. */
export function markedUnit(carrier: Costed): string | null {
  return carrier.victim !== null && costOwnership(carrier) === 'packdown' ? carrier.victim.unit : null;
}
