import type { Costed, CostPlace } from './costed.ts';
import type { OwnerReference, Pod } from './pod.ts';

/**
 * An object between a workload and its pods that the controller deletes as a whole and that carries the cost in the
 * pods' place: RBG's RoleInstance. Times are milliseconds since the epoch.
 */
export interface Instance extends Costed {
  readonly place: CostPlace;
  readonly labels: Readonly<Record<string, string>>;
  readonly controller: OwnerReference | null;
  /** The revision of the template that it was made from. */
  readonly revision: string | null;
  /** How many of its components have a status: none before its pods are made. */
  readonly components: number;
  readonly ready: boolean;
  readonly readySince: number | null;
  readonly created: number;
  /** Has a deletionTimestamp. */
  readonly deleting: boolean;
  /** Its controller was told to delete this one, or has begun to. */
  readonly goesFirst: boolean;
}

/** What carries a deletion cost: a pod, or an instance in its pods' place. */
export type CostCarrier = Pod | Instance;
