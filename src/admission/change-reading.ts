import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '../domain/coded-error.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { hasUid, type Workload, workloadId, workloadName } from '../domain/fleet/workload.ts';
import type { WorkloadAdapter } from '../workloads/adapter.ts';
import { countOr, isObject, type JsonObject, objectAt, textOf } from '../workloads/core/json.ts';
import type { ListChange } from '../workloads/facts.ts';
import type { AdmissionRequest } from './review.ts';

/** What a review changes, in the domain's words. */
export interface ChangeReading {
  readonly old: Workload;
  readonly next: Workload;
  readonly rollout: boolean;
  /** Whether more than the count is what the fleet says, not the review. */
  readonly isLookedUp: boolean;
  /** The list of groups to delete before and after; null when the review does not change it. */
  readonly list: ListChange | null;
  readonly warnings: readonly string[];
}

/** Reads an UPDATE of an object or of its /scale, of which only the parent in the fleet shows the rest. */
export function readChange(
  adapter: WorkloadAdapter,
  request: AdmissionRequest,
  oldObject: JsonObject,
  object: JsonObject,
  snapshot: Snapshot,
): ChangeReading {
  const { group, kind } = adapter;
  const { namespace, name } = request;
  const key = { group, kind, namespace, name };
  const known = snapshot.workload(key);
  const given = textOf(objectAt(oldObject, 'metadata').uid) ?? '';
  const uid = known !== undefined && hasUid(known, given) ? known.uid : given || workloadId(key);
  if (request.subResource === '') {
    if (!isObject(oldObject.spec) || !isObject(object.spec)) throw new CodedError('MalformedObject', 'spec is missing');
    const rollout = !isDeepStrictEqual(adapter.template(oldObject), adapter.template(object));
    const old = { ...adapter.read(oldObject), ...key, uid };
    const list = readListChange(adapter, oldObject, object);
    return { old, next: { ...adapter.read(object), ...key, uid }, rollout, isLookedUp: false, list, warnings: [] };
  }
  const isKnown = known !== undefined && (given === '' || known.uid === uid);
  // Only the Scale itself is known then: rules that need no more are still judged.
  const parent = isKnown ? known : { ...adapter.read({}), ...key, uid };
  const warnings = isKnown ? [] : [`${workloadName(key)} is not in the fleet (yet): only its count was checked`];
  const scaled = (scale: JsonObject) => ({ ...parent, uid, replicas: scaleOf(scale), isUncounted: false });
  return {
    old: scaled(oldObject),
    next: scaled(object),
    rollout: false,
    isLookedUp: isKnown,
    list: null,
    warnings,
  };
}

/** A Scale to zero arrives as `"spec":{}`. */
function scaleOf(scale: JsonObject): number {
  return countOr(objectAt(scale, 'spec').replicas, 0);
}

function readListChange(adapter: WorkloadAdapter, oldObject: JsonObject, object: JsonObject): ListChange | null {
  const before = adapter.scaleDownList?.(oldObject) ?? [];
  const after = adapter.scaleDownList?.(object) ?? [];
  return isDeepStrictEqual(before, after) ? null : { before, after };
}
