import { COST_OWNER, VICTIM } from '../../domain/fleet/annotations.ts';
import { type CostWrite, costAnnotation, type FleetWrite } from '../../domain/fleet/cost-write.ts';
import type { CostCarrier } from '../../domain/fleet/instance.ts';
import { costOwnership } from '../../domain/fleet/pod.ts';
import { formatVictimMark } from '../../domain/fleet/victim-mark.ts';
import { ANNOTATIONS, annotationPointer, type PatchOperation } from '../../workloads/core/json-patch.ts';

/**
 * The JSON patch of one write: cost, owner record and victim mark together, only while the pod is the same and its cost
 * and owner record are as `write.carrier` shows them. `now` is milliseconds since the epoch.
 *
 * The absence of an annotation is tested by the value null: RFC 6902 leaves a test without a target to fail, but the
 * apiserver's library (evanphx/json-patch, from v4 on) lets null equal what is missing, as long as the parent is there.
 * A server that did not would refuse the patch, which harms nothing. So nothing hangs on the resourceVersion, which
 * every status update changes, but one has to know whether the pod has annotations at all.
 */
export function costPatch(write: FleetWrite, annotated: boolean, now: number): readonly PatchOperation[] {
  const { carrier, to, victim } = write;
  const samePod = test('/metadata/uid', carrier.uid);
  if (to === null) return [samePod, ...testsOf(carrier), ...removalsOf(carrier)];
  if (!annotated) {
    const value = {
      [costAnnotation(carrier)]: to,
      [COST_OWNER]: to,
      ...(victim !== null && { [VICTIM]: formatVictimMark({ unit: victim, since: now }) }),
    };
    return [samePod, test(ANNOTATIONS, null), add(ANNOTATIONS, value)];
  }
  return [
    samePod,
    ...testsOf(carrier),
    add(annotationPointer(costAnnotation(carrier)), to),
    add(annotationPointer(COST_OWNER), to),
    ...markOf(write, now),
  ];
}

function testsOf(carrier: CostCarrier): readonly PatchOperation[] {
  return [
    test(annotationPointer(costAnnotation(carrier)), carrier.cost),
    test(annotationPointer(COST_OWNER), carrier.costOwner),
  ];
}

/** A removal of what is not there would not apply. */
function removalsOf(carrier: CostCarrier): readonly PatchOperation[] {
  const ours = [
    ...(costOwnership(carrier) === 'packdown' ? [costAnnotation(carrier)] : []),
    ...(carrier.costOwner === null ? [] : [COST_OWNER]),
    ...(carrier.victim === null ? [] : [VICTIM]),
  ];
  return ours.map((key) => ({ op: 'remove', path: annotationPointer(key) }));
}

function markOf({ carrier, victim }: CostWrite, now: number): readonly PatchOperation[] {
  if (victim !== null) return [add(annotationPointer(VICTIM), formatVictimMark({ unit: victim, since: now }))];
  return carrier.victim === null ? [] : [{ op: 'remove', path: annotationPointer(VICTIM) }];
}

function test(path: string, value: string | null): PatchOperation {
  return { op: 'test', path, value };
}

function add(path: string, value: unknown): PatchOperation {
  return { op: 'add', path, value };
}
