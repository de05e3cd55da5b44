/** The nodes that planning goes on freeing, as the leader has published them for all replicas. */
export interface TargetSet {
  /** The same for the same nodes in the same order, another for any other. */
  readonly version: string;
  /** By name, the most wanted first. */
  readonly nodes: readonly string[];
}

/** Where replicas read the target set, and the leader publishes it. */
export interface TargetSetStore {
  /** Null while none is known: planning then starts cold. */
  current(): TargetSet | null;
  /** Makes these nodes, the most wanted first, the target set, unless they are; for the leader only. */
  publish(nodes: readonly string[]): Promise<void>;
}
