import type { Role } from './workload.ts';

/**
 * What a controller has stored of a workload's template to create replicas by: the few fields of a ControllerRevision
 * that decisions read.
 */
export interface Revision {
  readonly namespace: string;
  readonly name: string;
  /** The uid of the workload that it is a revision of. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly roles: readonly StoredRole[];
}

/** A role as it is stored: a group that a partition holds at its revision keeps these counts. */
export type StoredRole = Pick<Role, 'name' | 'replicas' | 'workers'>;
