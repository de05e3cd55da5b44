import { COST_OWNER, POD_DELETION_COST, VICTIM } from '../../domain/fleet/annotations.ts';
import { costOwnership, type Pod } from '../../domain/fleet/pod.ts';
import { formatVictimMark } from '../../domain/fleet/victim-mark.ts';
import type { CostWrite, PodWrite } from '../../domain/victims/cost-write.ts';
import { ANNOTATIONS, annotationPointer, type PatchOperation } from '../../workloads/core/json-patch.ts';

/**
 * The JSON patch of one write: cost, owner record and victim mark together, only while the pod is the same and its cost
 * and owner record are as `write.pod` shows them. `now` is milliseconds since the epoch.
 *
 * The absence of an annotation is tested by the value null: RFC 6902 leaves a test without a target to fail, but the
 * apiserver's library (evanphx/json-patch, from v4 on) lets null equal what is missing, as long as the parent is there.
 * A server that did not would refuse the patch, which harms nothing. So nothing hangs on the resourceVersion, which
 * every status update changes, but one has to know whether the pod has annotations at all.
 */
export function costPatch(write: PodWrite, annotated: boolean, now: number): readonly PatchOperation[] {
  const { pod, to, victim } = write;
  const samePod = test('/metadata/uid', pod.uid);
  if (to === null) return [samePod, ...testsOf(pod), ...removalsOf(pod)];
  if (!annotated) {
    const value = {
      [POD_DELETION_COST]: to,
      [COST_OWNER]: to,
      ...(victim !== null && { [VICTIM]: formatVictimMark({ unit: victim, since: now }) }),
    };
    return [samePod, test(ANNOTATIONS, null), add(ANNOTATIONS, value)];
  }
  return [
    samePod,
    ...testsOf(pod),
    add(annotationPointer(POD_DELETION_COST), to),
    add(annotationPointer(COST_OWNER), to),
    ...markOf(write, now),
  ];
}

function testsOf({ cost, costOwner }: Pod): readonly PatchOperation[] {
  return [test(annotationPointer(POD_DELETION_COST), cost), test(annotationPointer(COST_OWNER), costOwner)];
}

/** A removal of what is not there would not apply. */
function removalsOf(pod: Pod): readonly PatchOperation[] {
  const ours = [
    ...(costOwnership(pod) === 'packdown' ? [POD_DELETION_COST] : []),
    ...(pod.costOwner === null ? [] : [COST_OWNER]),
    ...(pod.victim === null ? [] : [VICTIM]),
  ];
  return ours.map((key) => ({ op: 'remove', path: annotationPointer(key) }));
}

function markOf({ pod, victim }: CostWrite, now: number): readonly PatchOperation[] {
  if (victim !== null) return [add(annotationPointer(VICTIM), formatVictimMark({ unit: victim, since: now }))];
  return pod.victim === null ? [] : [{ op: 'remove', path: annotationPointer(VICTIM) }];
}

function test(path: string, value: string | null): PatchOperation {
  return { op: 'test', path, value };
}

function add(path: string, value: unknown): PatchOperation {
  return { op: 'add', path, value };
}
