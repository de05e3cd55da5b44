import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { workloadName } from '../../domain/fleet/workload.ts';
import { NOTHING_ASKED } from '../../domain/ordering/facts.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { type Reading, unforeseen, type WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOr, objectAt } from '../core/json.ts';
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
      replicas: countOr(spec.replicas, 1),
      gangMinimum: countOr(spec.minAvailable, 1),
    };
  },

  template: (object) => objectAt(object, 'spec').cliqueNames,
  scale: scaleGroup,
  /** Grove sets counts only when it creates, and leaves them to autoscalers from then on. */
  asks: () => NOTHING_ASKED,

  gangs: gangsOf,
  unitsOf: (pod) => [groupName(pod, SCALING_GROUP, GROUP_REPLICA)],
};

/**
 * Its operator counts the replicas that are not on their way out and takes the indexes from the new count up to that:
 * while one below them is being made anew, those are not the highest.
 */
function scaleGroup(request: ScaleRequest, snapshot: Snapshot, now: number): Reading {
  const reading = scaleReplicas(request, snapshot, now);
  const live = reading.pools.flatMap(({ candidates }) => candidates.filter(({ deleting }) => !deleting));
  const isGapped = live.some(({ ordinal }) => ordinal >= live.length);
  if (request.to >= request.from || !isGapped) return reading;
  const name = workloadName(request.workload);
  return unforeseen(`a replica of ${name} is being made anew: which ones go is decided by how many are there then`);
}
