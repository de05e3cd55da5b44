/** What `consolidate` decides on: everything is an index, so that the same problem gives the same answer anywhere. */
export interface ConsolidationProblem {
  /** Value of each node once it is free; 0 for a node that cannot become free. */
  readonly nodeValues: readonly number[];
  readonly members: readonly Member[];
  /** Nodes that cannot become free by this choice, since pods of others are there. */
  readonly shared?: ReadonlyMap<number, Shared>;
  /** How many members of each pool are to be removed. */
  readonly budgets: readonly number[];
  /** Nodes to free that are known already, the most wanted first: the choice is never worse than they are. */
  readonly warmStart?: readonly number[];
  /** Classes of nodes of which too few are free; no node is in two of them. */
  readonly warm?: readonly Warm[];
  /** What comes after this choice, where something is known of it. */
  readonly ahead?: Ahead;
  /** What is to stay evenly spread. */
  readonly spreads?: readonly Spread[];
}

/** Pods that are to stay evenly spread over domains, such as zones. */
export interface Spread {
  /** How many of them each domain holds before the choice. */
  readonly counts: readonly number[];
  /** By member, the domain of each of its pods. */
  readonly domains: ReadonlyMap<number, readonly number[]>;
  /** How many more a domain is to hold than any other, at the most. */
  readonly maxSkew: number;
}

/** A job that takes several scale-downs, of which a choice makes one step. */
export interface Ahead {
  /** How many members each pool will lose in the end, this step included. */
  readonly outlook: readonly number[];
  /** Nested sets of nodes to be free in the end, the innermost and most wanted first. */
  readonly sets: readonly (readonly number[])[];
}

/** Nodes of which the first `missing` that become free are worth nothing: they are kept free for what comes next. */
export interface Warm {
  readonly nodes: readonly number[];
  readonly missing: number;
}

/** A node that somebody else has to leave as well. */
export interface Shared {
  /** Its value once it is free. */
  readonly value: number;
  /** How many pods are there that are no members'. */
  readonly others: number;
}

/** A candidate that may be removed. */
export interface Member {
  readonly pool: number;
  /** The nodes that it keeps busy, each once. */
  readonly nodes: readonly number[];
  /** Higher is more worth keeping. */
  readonly keep: number;
  readonly ordinal: number;
}
