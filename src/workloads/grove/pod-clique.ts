import { newestFirst } from '../../domain/victims/newest-first.ts';
import type { WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOf, numberOf, objectAt } from '../core/json.ts';
import { ordinalPool } from '../ordinal-pool.ts';

/** Grove's PodClique: pods of one template. Its operator lets nobody else write to its pods. */
export const podClique: WorkloadAdapter = {
  kind: 'PodClique',
  group: 'grove.io',
  versions: ['v1alpha1'],
  resource: 'podcliques',
  scalable: true,
  steeredBy: 'nothing: not ready, then the newest pod goes',
  readsPodCosts: false,

  read(object) {
    const spec = objectAt(object, 'spec');
    return {
      ...readIdentity(podClique, object),
      replicas: countOf(spec.replicas, 1),
      gangMinimum: numberOf(spec.minAvailable),
    };
  },

  template: (object) => objectAt(object, 'spec', 'podSpec'),

  scale(request, snapshot, now) {
    const pods = snapshot.podsOf(request.workload.uid);
    const units = pods.map((pod) => ({
      name: pod.name,
      group: null,
      ordinal: 0,
      pods: [pod],
      ready: pod.ready,
    }));
    return { pools: [ordinalPool(request, units, now, { consumer: newestFirst })], created: [], warnings: [] };
  },

  unitsOf: ({ name }) => [name],
};
