import { isDeepStrictEqual } from 'node:util';
import { type JsonObject, objectAt, textOf } from '../../workloads/core/json.ts';
import { microTime } from './micro-time.ts';

/** Who holds a Lease, and for how long unless they renew it. */
export interface LeaseRecord {
  /** Empty when nobody does. */
  readonly holder: string;
  /** Milliseconds; null where the Lease does not say. */
  readonly duration: number | null;
}

/** What a candidate writes into a Lease that it takes or renews. */
export interface Claim {
  readonly identity: string;
  /** Milliseconds, whole seconds. */
  readonly duration: number;
  /** By the claimant's own clock, milliseconds since the epoch: for people to read, never for other candidates. */
  readonly now: number;
}

/** Reads a `coordination.k8s.io/v1` Lease. Throws CodedError `MalformedObject`. */
export function readLease(lease: JsonObject): LeaseRecord {
  const { holderIdentity, leaseDurationSeconds } = objectAt(lease, 'spec');
  const isDuration = typeof leaseDurationSeconds === 'number' && leaseDurationSeconds > 0;
  return { holder: textOf(holderIdentity) ?? '', duration: isDuration ? leaseDurationSeconds * 1000 : null };
}

/** Whether two readings of a Lease say the same of its holder; what else changes on the object is no sign of life. */
export function isUnchanged(before: JsonObject, now: JsonObject): boolean {
  return isDeepStrictEqual(before.spec, now.spec);
}

/** The Lease to create where there is none yet. */
export function newLease(namespace: string, name: string, claim: Claim): JsonObject {
  const metadata = { namespace, name, labels: { 'app.kubernetes.io/name': 'packdown' } };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: takenSpec({}, claim) };
}

/** The Lease with the claim in it, and everything else, the resourceVersion above all, as it was found. */
export function claimedLease(lease: JsonObject, claim: Claim): JsonObject {
  const spec = objectAt(lease, 'spec');
  const isRenewal = textOf(spec.holderIdentity) === claim.identity;
  return { ...lease, spec: isRenewal ? { ...spec, ...heldBy(claim) } : takenSpec(spec, claim) };
}

/** The Lease with nobody in it and a duration of a second, as client-go releases one. */
export function releasedLease(lease: JsonObject, now: number): JsonObject {
  const released = heldBy({ identity: '', duration: 1000, now });
  return { ...lease, spec: { ...objectAt(lease, 'spec'), ...released, acquireTime: microTime(now) } };
}

function takenSpec(spec: JsonObject, claim: Claim): JsonObject {
  const { leaseTransitions } = spec;
  const transitions = typeof leaseTransitions === 'number' ? leaseTransitions + 1 : 0;
  return { ...spec, ...heldBy(claim), acquireTime: microTime(claim.now), leaseTransitions: transitions };
}

function heldBy({ identity, duration, now }: Claim): JsonObject {
  return { holderIdentity: identity, leaseDurationSeconds: duration / 1000, renewTime: microTime(now) };
}
