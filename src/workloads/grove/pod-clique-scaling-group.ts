import { NOTHING_ASKED } from '../../domain/ordering/facts.ts';
import type { WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOf, objectAt } from '../core/json.ts';
import { gangsOf } from './gangs.ts';
import { GROUP_REPLICA, groupName, SCALING_GROUP } from './names.ts';
import { scaleReplicas } from './replicas.ts';

/** Grove's PodCliqueScalingGroup: PodCliques that are scaled together, one of each a replica. */
export const podCliqueScalingGroup: WorkloadAdapter = {
  kind: 'PodCliqueScalingGroup',
  group: 'grove.io',
  versions: ['v1alpha1'],
  resource: 'podcliquescalinggroups',
  scalable: true,
  steeredBy: 'nothing: the highest replica goes',
  readsPodCosts: false,

  read(object) {
    const spec = objectAt(object, 'spec');
    return {
      ...readIdentity(podCliqueScalingGroup, object),
      replicas: countOf(spec.replicas, 1),
      gangMinimum: countOf(spec.minAvailable, 1),
    };
  },

  template: (object) => objectAt(object, 'spec').cliqueNames,
  scale: scaleReplicas,
  /** Grove sets counts only when it creates, and leaves them to autoscalers from then on. */
  asks: () => NOTHING_ASKED,

  gangs: gangsOf,
  unitsOf: (pod) => [groupName(pod, SCALING_GROUP, GROUP_REPLICA)],
};
