import type { Pod } from '../fleet/pod.ts';

/** One cost to write: valid only while the pod still carries the cost and the owner record that `pod` shows. */
export interface CostWrite {
  readonly pod: Pod;
  readonly to: string;
  /** Whether the pod is marked to go: the mark is set or removed with the cost. */
  readonly victim: boolean;
}

/** The pod as it will be once the write has happened. */
export function afterWrite(write: CostWrite, now: string): Pod {
  return { ...write.pod, cost: write.to, costOwner: write.to, victimSince: write.victim ? now : null };
}
