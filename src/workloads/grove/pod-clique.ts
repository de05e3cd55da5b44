import { newestFirst } from '../../domain/victims/newest-first.ts';
import { NOTHING_READ, type WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOr, numberOf, objectAt } from '../core/json.ts';
import { poolOf } from '../pool-of.ts';
import { candidateOf } from '../unit.ts';
import { gangsOf } from './gangs.ts';
import { POD_CLIQUE } from './names.ts';

/** On a PodClique the hash of the template that it wants, on its pods that of the one they were made from. */
const TEMPLATE_HASH = 'grove.io/pod-template-hash';

/** Grove's PodClique: pods of one template. Its operator lets nobody else write to its pods. */
export const podClique: WorkloadAdapter = {
  kind: POD_CLIQUE,
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
      replicas: countOr(spec.replicas, 1),
      gangMinimum: numberOf(spec.minAvailable),
    };
  },

  template: (object) => objectAt(object, 'spec', 'podSpec'),

  scale(request, snapshot, now) {
    const { uid, labels } = request.workload;
    const candidates = snapshot.podsOf(uid).map((pod) => ({
      ...candidateOf({ name: pod.name, group: null, ordinal: 0, pods: [pod], ready: pod.ready }),
      outdated: pod.labels[TEMPLATE_HASH] !== labels[TEMPLATE_HASH],
    }));
    return { ...NOTHING_READ, pools: [poolOf(request, newestFirst, candidates, now)] };
  },

  gangs: gangsOf,
  unitsOf: ({ name }) => [name],
};
