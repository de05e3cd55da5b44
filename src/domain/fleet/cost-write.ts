import { POD_DELETION_COST } from './annotations.ts';
import type { Costed } from './costed.ts';
import type { CostCarrier } from './instance.ts';
import { costOwnership } from './pod.ts';

/** One cost to write: valid only while `carrier` still carries the cost and the owner record that it shows. */
export interface CostWrite {
  /** The pod, or the object that carries the cost in its place. */
  readonly carrier: CostCarrier;
  readonly to: string;
  /** The unit that the pod is marked to go with; null removes a mark. */
  readonly victim: string | null;
}

/**
 * Takes everything of ours off a pod: owner record and mark, and the cost while it is ours. Valid as a CostWrite is.
 */
export interface CostRemoval {
  readonly carrier: CostCarrier;
  readonly to: null;
  readonly victim: null;
}

/** Whatever is written through the one door to the cluster. */
export type FleetWrite = CostWrite | CostRemoval;

/** The annotation that holds its cost. */
export function costAnnotation({ place }: CostCarrier): string {
  return place?.annotation ?? POD_DELETION_COST;
}

/** Whether it carries anything that packdown wrote. */
export function isTouched(carrier: Costed): boolean {
  return carrier.costOwner !== null || carrier.victim !== null;
}

/**
 * The pod, or what stands in for it, as it will be once the write has happened. `now` is milliseconds since the epoch.
 */
export function afterWrite<T extends Costed>(
  { carrier, to, victim }: Pick<FleetWrite, 'to' | 'victim'> & { readonly carrier: T },
  now: number,
): T {
  if (to === null)
    return { ...carrier, cost: costOwnership(carrier) === 'other' ? carrier.cost : null, costOwner: null, victim };
  return { ...carrier, cost: to, costOwner: to, victim: victim === null ? null : { unit: victim, since: now } };
}

/** Whether it carries just what the write would write. */
export function isWritten(carrier: Costed, { to, victim }: FleetWrite): boolean {
  if (to === null) return !isTouched(carrier);
  return carrier.cost === to && carrier.costOwner === to && (carrier.victim?.unit ?? null) === victim;
}

/** A cost that somebody else wrote is never overwritten, whoever asks for it; taking ours off leaves theirs alone. */
export function isForbidden(carrier: Costed, { to }: FleetWrite): boolean {
  return to !== null && costOwnership(carrier) === 'other';
}
