import { isActive, type OwnerReference, type Pod } from '../../domain/fleet/pod.ts';
import { replicaSetAdapter } from '../../workloads/apps/replica-set.ts';
import type { FleetIndex } from '../fleet-index.ts';

/**
 * Adds the ReplicaSets that pods name as their controller but that the file leaves out, as
 * `kubectl get nodes,pods,deployments` does: at the count that their active pods make up, and owned by the Deployment
 * whose name, with the pods' template hash, makes theirs.
 */
export function addMissingReplicaSets(fleet: FleetIndex): void {
  for (const pod of fleet.pods()) {
    const { controller, namespace } = pod;
    if (controller?.kind !== 'ReplicaSet' || !controller.apiVersion.startsWith('apps/')) continue;
    const { name, uid } = controller;
    const key = { group: 'apps', kind: 'ReplicaSet', namespace, name };
    if (fleet.workload(key) !== undefined) continue;
    const replicas = fleet.podsOf(uid).filter(isActive).length;
    const replicaSet = replicaSetAdapter.read({ metadata: { namespace, name, uid }, spec: { replicas } });
    fleet.putWorkload({ ...replicaSet, owner: deploymentOf(pod, name, fleet) });
  }
}

function deploymentOf(pod: Pod, replicaSet: string, fleet: FleetIndex): OwnerReference | null {
  const suffix = `-${pod.labels['pod-template-hash']}`;
  if (!replicaSet.endsWith(suffix)) return null;
  const name = replicaSet.slice(0, -suffix.length);
  const kind = 'Deployment';
  const deployment = fleet.workload({ group: 'apps', kind, namespace: pod.namespace, name });
  return deployment === undefined ? null : { apiVersion: 'apps/v1', kind, name, uid: deployment.uid };
}
