import { costOwnership, type Pod } from '../fleet/pod.ts';

/** One cost to write: valid only while the pod still carries the cost and the owner record that `pod` shows. */
export interface CostWrite {
  readonly pod: Pod;
  readonly to: string;
  /** The unit that the pod is marked to go with; null removes a mark. */
  readonly victim: string | null;
}

/** Takes everything of ours off a pod: owner record and mark, and the cost while it is ours. Valid as a CostWrite is. */
export interface CostRemoval {
  readonly pod: Pod;
  readonly to: null;
  readonly victim: null;
}

export type PodWrite = CostWrite | CostRemoval;

/** Whether the pod carries anything that packdown wrote. */
export function isTouched(pod: Pod): boolean {
  return pod.costOwner !== null || pod.victim !== null;
}

/** The pod as it will be once the write has happened. `now` is milliseconds since the epoch. */
export function afterWrite({ pod, to, victim }: PodWrite, now: number): Pod {
  if (to === null) return { ...pod, cost: costOwnership(pod) === 'other' ? pod.cost : null, costOwner: null, victim };
  return { ...pod, cost: to, costOwner: to, victim: victim === null ? null : { unit: victim, since: now } };
}

/** Whether the pod carries just what the write would write. */
export function isWritten(pod: Pod, { to, victim }: PodWrite): boolean {
  if (to === null) return !isTouched(pod);
  return pod.cost === to && pod.costOwner === to && (pod.victim?.unit ?? null) === victim;
}

/** A cost that somebody else wrote is never overwritten, whoever asks for it; taking ours off leaves theirs alone. */
export function isForbidden(pod: Pod, { to }: PodWrite): boolean {
  return to !== null && costOwnership(pod) === 'other';
}
