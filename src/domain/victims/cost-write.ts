import { POD_DELETION_COST } from '../fleet/annotations.ts';
import type { Costed } from '../fleet/costed.ts';
import type { CostCarrier } from '../fleet/instance.ts';
import { costOwnership } from '../fleet/pod.ts';

/** One cost to write: valid only while `pod` still carries the cost and the owner record that it shows. */
export interface CostWrite {
  /** The pod, or the object that carries the cost in its place. */
  readonly pod: CostCarrier;
  readonly to: string;
  /** The unit that the pod is marked to go with; null removes a mark. */
  readonly victim: string | null;
}

/**
 * Takes everything of ours off a pod: owner record and mark, and the cost while it is ours. Valid as a CostWrite is.
 */
export interface CostRemoval {
  readonly pod: CostCarrier;
  readonly to: null;
  readonly victim: null;
}

export type PodWrite = CostWrite | CostRemoval;

/** The annotation that holds its cost. */
export function costAnnotation({ place }: CostCarrier): string {
  return place?.annotation ?? POD_DELETION_COST;
}

/** Whether it carries anything that packdown wrote. */
export function isTouched(pod: Costed): boolean {
  return pod.costOwner !== null || pod.victim !== null;
}

/**
 * The pod, or what stands in for it, as it will be once the write has happened. `now` is milliseconds since the epoch.
 */
export function afterWrite<T extends Costed>(
  { pod, to, victim }: Pick<PodWrite, 'to' | 'victim'> & { readonly pod: T },
  now: number,
): T {
  if (to === null) return { ...pod, cost: costOwnership(pod) === 'other' ? pod.cost : null, costOwner: null, victim };
  return { ...pod, cost: to, costOwner: to, victim: victim === null ? null : { unit: victim, since: now } };
}

/** Whether it carries just what the write would write. */
export function isWritten(pod: Costed, { to, victim }: PodWrite): boolean {
  if (to === null) return !isTouched(pod);
  return pod.cost === to && pod.costOwner === to && (pod.victim?.unit ?? null) === victim;
}

/** A cost that somebody else wrote is never overwritten, whoever asks for it; taking ours off leaves theirs alone. */
export function isForbidden(pod: Costed, { to }: PodWrite): boolean {
  return to !== null && costOwnership(pod) === 'other';
}
