/** What a controller has stored of a workload's template to create replicas by: the few fields of a ControllerRevision that decisions read. */
export interface Revision {
  readonly namespace: string;
  readonly name: string;
  /** The uid of the workload that it is a revision of. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Replicas by role, as stored. */
  readonly roles: ReadonlyMap<string, number>;
}
