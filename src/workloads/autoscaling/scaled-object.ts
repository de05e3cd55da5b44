import { type JsonObject, objectAt, stringsAt, textOf } from '../core/json.ts';
import { readCount } from '../core/read-count.ts';
import { groupOf } from '../registry.ts';
import { type AutoscalerKind, endsOf, statesOf } from './reach.ts';

/**
 * KEDA's: by itself from none (or `idleReplicaCount`) to the minimum and back, between minimum and maximum by a
 * HorizontalPodAutoscaler of its own making. Defaults of KEDA's API: a Deployment, from 0 to 100.
 */
export const scaledObject: AutoscalerKind = {
  kind: 'ScaledObject',
  group: 'keda.sh',
  versions: ['v1alpha1'],
  resource: 'scaledobjects',

  reaches(object) {
    const spec = objectAt(object, 'spec');
    const { apiVersion, kind, name } = objectAt(spec, 'scaleTargetRef');
    const target = {
      group: groupOf(textOf(apiVersion) || 'apps/v1'),
      kind: textOf(kind) || 'Deployment',
      namespace: '',
      name: textOf(name) ?? '',
    };
    return [{ target, states: statesOf([...new Set([...pausedAt(object), ...countsOf(spec)])]), ratio: null }];
  },
};

function countsOf(spec: JsonObject): readonly number[] {
  const min = readCount(spec, 'minReplicaCount', 0);
  const ends = endsOf(min, readCount(spec, 'maxReplicaCount', 100));
  return [...new Set([readCount(spec, 'idleReplicaCount', min), ...ends])];
}

/** Where KEDA stops: it brings its target there at once, whatever the bounds. */
function pausedAt(object: JsonObject): readonly number[] {
  const text = stringsAt(object, 'metadata', 'annotations')['autoscaling.keda.sh/paused-replicas'];
  return text !== undefined && /^\d{1,9}$/.test(text) ? [Number(text)] : [];
}
