import type { Pod } from '../../domain/fleet/pod.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import type { Gang } from '../adapter.ts';
import { POD_CLIQUE } from './names.ts';
import { childrenByReplica } from './replicas.ts';

/**
 * The gangs of one of Grove's objects: the replicas of a PodCliqueSet, each of all its PodCliques and scaling groups; a
 * PodCliqueScalingGroup, which stands with `minAvailable` replicas of all their cliques; a clique, with as many pods.
 * Grove ends what falls below: a replica of a scaling group that can do without it, else the replica of the set.
 */
export function gangsOf(workload: Workload, snapshot: Snapshot, stays: (pod: Pod) => boolean): readonly Gang[] {
  const cliqueOf = ({ uid, replicas, gangMinimum }: Workload): Gang => ({
    parts: snapshot.podsOf(uid).filter(stays),
    minimum: gangMinimum ?? replicas,
  });
  const replicasOf = (owner: Workload): readonly Gang[] =>
    [...childrenByReplica(owner, snapshot).values()].map((children) => ({
      parts: children.map(gangOf),
      minimum: children.length,
    }));
  const gangOf = (child: Workload): Gang =>
    child.kind === POD_CLIQUE
      ? cliqueOf(child)
      : { parts: replicasOf(child), minimum: child.gangMinimum ?? child.replicas };
  // A set has no minimum: each of its replicas is for itself.
  return workload.gangMinimum !== null ? [gangOf(workload)] : replicasOf(workload);
}
