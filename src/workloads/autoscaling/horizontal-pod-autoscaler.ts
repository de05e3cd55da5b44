import { readAutoscaler } from '../autoscaler.ts';
import { type AutoscalerKind, endsOf, statesOf } from './reach.ts';

/** Kubernetes' own. KEDA makes one of each ScaledObject, so that there the warning reaches KEDA's log only. */
export const horizontalPodAutoscaler: AutoscalerKind = {
  kind: 'HorizontalPodAutoscaler',
  group: 'autoscaling',
  versions: ['v1', 'v2'],
  resource: 'horizontalpodautoscalers',

  reaches(object) {
    const [{ target, minReplicas, maxReplicas }] = readAutoscaler(object).ranges;
    return [{ target, states: statesOf(endsOf(minReplicas, maxReplicas)), ratio: null }];
  },
};
