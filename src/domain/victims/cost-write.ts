import type { Pod } from '../fleet/pod.ts';

/** One cost to write: valid only while the pod still carries the cost and the owner record that `pod` shows. */
export interface CostWrite {
  readonly pod: Pod;
  readonly to: string;
  /** The unit that the pod is marked to go with; null removes a mark. */
  readonly victim: string | null;
}

/** The pod as it will be once the write has happened. `now` is milliseconds since the epoch. */
export function afterWrite({ pod, to, victim }: CostWrite, now: number): Pod {
  return { ...pod, cost: to, costOwner: to, victim: victim === null ? null : { unit: victim, since: now } };
}

/** Whether the pod carries just what the write would write. */
export function isWritten(pod: Pod, { to, victim }: CostWrite): boolean {
  return pod.cost === to && pod.costOwner === to && (pod.victim?.unit ?? null) === victim;
}
