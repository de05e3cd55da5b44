/** A pod and the node it is to run on. */
export interface PodBinding {
  readonly namespace: string;
  readonly name: string;
  /** The pod is bound only while it has this uid. */
  readonly uid: string;
  readonly node: string;
  /** Added to the pod's own in the same transaction. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Gives pods their nodes. */
export interface Binder {
  /** Throws CodedError where the pod cannot be bound: it is gone, another one, on a node already, or nobody answers. */
  bind(binding: PodBinding): Promise<void>;
}
