import type { Autoscaler, TargetRange } from '../../domain/fleet/autoscaler.ts';
import { type JsonObject, objectAt, textOf } from '../core/json.ts';
import { readMetadata } from '../core/metadata.ts';
import { readCount } from '../core/read-count.ts';
import { groupOf } from '../registry.ts';
import { type AutoscalerKind, endsOf, statesOf } from './reach.ts';

/** Kubernetes' own. KEDA makes one of each ScaledObject, so that there the warning reaches KEDA's log only. */
export const horizontalPodAutoscaler: AutoscalerKind = {
  kind: 'HorizontalPodAutoscaler',
  group: 'autoscaling',
  versions: ['v1', 'v2'],
  resource: 'horizontalpodautoscalers',

  reaches(object) {
    const [{ target, minReplicas, maxReplicas }] = readHorizontalPodAutoscaler(object).ranges;
    return [{ target, states: statesOf(endsOf(minReplicas, maxReplicas)), ratio: null }];
  },
};

/** Reads a HorizontalPodAutoscaler of any version of `autoscaling`. Throws CodedError `MalformedObject`. */
export function readHorizontalPodAutoscaler(
  object: JsonObject,
): Autoscaler & { readonly ranges: readonly [TargetRange] } {
  const { namespace, name } = readMetadata(object);
  const spec = objectAt(object, 'spec');
  const { apiVersion, kind, name: target } = objectAt(spec, 'scaleTargetRef');
  const range = {
    target: {
      group: groupOf(textOf(apiVersion) ?? ''),
      kind: textOf(kind) ?? '',
      namespace,
      name: textOf(target) ?? '',
    },
    // Kubernetes' own default.
    minReplicas: readCount(spec, 'minReplicas', 1),
    maxReplicas: readCount(spec, 'maxReplicas', Number.NaN),
    scalesDown: objectAt(spec, 'behavior', 'scaleDown').selectPolicy !== 'Disabled',
  };
  return { kind: horizontalPodAutoscaler.kind, namespace, name, ranges: [range] };
}
