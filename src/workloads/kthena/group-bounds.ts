import type { Autoscaler, TargetRange } from '../../domain/fleet/autoscaler.ts';
import type { WorkloadKey } from '../../domain/fleet/workload.ts';
import { type JsonObject, listAt, objectAt, textOf } from '../core/json.ts';
import { readMetadata } from '../core/metadata.ts';
import { readCount } from '../core/read-count.ts';
import { modelServing } from './model-serving.ts';

/**
 * Reads what Kthena's autoscaler keeps the groups of ModelServings within: the homogeneous or the heterogeneous target
 * of an AutoscalingPolicy, or of an AutoscalingPolicyBinding, as older versions have it. Throws CodedError
 * `MalformedObject`.
 */
export function readGroupAutoscaler(kind: string, object: JsonObject): Autoscaler {
  const { namespace, name } = readMetadata(object);
  const ranges = groupBounds(object).map(({ target, ...range }) => ({
    ...range,
    target: { ...target, namespace: target.namespace || namespace },
  }));
  return { kind, namespace, name, ranges };
}

/** The bounds of the groups of each target, whose namespace is '' where it is the object's own. */
export function groupBounds(object: JsonObject): readonly TargetRange[] {
  const { homogeneousTarget, heterogeneousTarget } = objectAt(object, 'spec');
  const single = homogeneousTarget === undefined ? [] : [objectAt(homogeneousTarget)];
  return [...single, ...listAt(heterogeneousTarget, 'params')].filter(isOfGroups).map((bounds) => ({
    target: targetOf(objectAt(bounds, 'target')),
    ...readBounds(bounds),
  }));
}

/** An AutoscalingPolicyBinding may name one role as `subTargets`: then it is the role's replicas that it moves. */
function isOfGroups(bounds: JsonObject): boolean {
  return (objectAt(bounds, 'target').subTargets ?? null) === null;
}

export function readBounds(bounds: JsonObject): Omit<TargetRange, 'target'> {
  return {
    minReplicas: readCount(bounds, 'minReplicas', 0),
    maxReplicas: readCount(bounds, 'maxReplicas', Number.NaN),
    scalesDown: true,
  };
}

export function targetOf(holder: JsonObject): WorkloadKey {
  const { group, kind } = modelServing;
  const { kind: given, name, namespace } = objectAt(holder, 'targetRef');
  return { group, kind: textOf(given) || kind, namespace: textOf(namespace) ?? '', name: textOf(name) ?? '' };
}
