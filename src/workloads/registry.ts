import type { Pod } from '../domain/fleet/pod.ts';
import type { WorkloadKey } from '../domain/fleet/workload.ts';
import type { WorkloadAdapter } from './adapter.ts';
import { deployment } from './apps/deployment.ts';
import { replicaSetAdapter } from './apps/replica-set.ts';
import { statefulSetAdapter } from './apps/stateful-set.ts';
import { disaggregatedSet } from './disaggregated-set/disaggregated-set.ts';
import { disaggregatedSetRoleScaler } from './disaggregated-set/role-scaler.ts';
import { podClique } from './grove/pod-clique.ts';
import { podCliqueScalingGroup } from './grove/pod-clique-scaling-group.ts';
import { podCliqueSet } from './grove/pod-clique-set.ts';
import { modelServing } from './kthena/model-serving.ts';
import { leaderWorkerSet } from './lws/leader-worker-set.ts';
import { roleBasedGroup } from './rbg/role-based-group.ts';
import { roleBasedGroupSet } from './rbg/role-based-group-set.ts';
import { roleInstanceSet } from './rbg/role-instance-set.ts';
import { roleBasedGroupScalingAdapter } from './rbg/scaling-adapter.ts';
import { publishedScalingGroup, resourceScalingGroup } from './resource-scaling-group/resource-scaling-group.ts';

/** Every kind that packdown knows. A new kind is one more line here and one more folder beside this file. */
export const adapters: readonly WorkloadAdapter[] = [
  modelServing,
  roleBasedGroup,
  roleBasedGroupSet,
  roleBasedGroupScalingAdapter,
  roleInstanceSet,
  resourceScalingGroup,
  publishedScalingGroup,
  leaderWorkerSet,
  disaggregatedSet,
  disaggregatedSetRoleScaler,
  podCliqueSet,
  podCliqueScalingGroup,
  podClique,
  deployment,
  replicaSetAdapter,
  statefulSetAdapter,
];

/** By API group and kind, e.g. `apps` and `Deployment`. */
export function adapterOfKind(group: string, kind: string): WorkloadAdapter | undefined {
  return adapters.find((adapter) => adapter.group === group && adapter.kind === kind);
}

/** By API group and plural, e.g. `apps` and `deployments`. */
export function adapterOfResource(group: string, resource: string): WorkloadAdapter | undefined {
  return adapters.find((adapter) => adapter.group === group && adapter.resource === resource);
}

/** The adapter of a workload that one of them has read. */
export function adapterOf(workload: WorkloadKey): WorkloadAdapter {
  const adapter = adapterOfKind(workload.group, workload.kind);
  if (adapter === undefined) throw new RangeError(`no adapter knows ${workload.kind} of group ${workload.group}`);
  return adapter;
}

/** The adapter of the kind that controls a pod, directly or by instances. */
export function ownerAdapterOf({ controller }: Pod): WorkloadAdapter | undefined {
  if (controller === null) return undefined;
  const group = groupOf(controller.apiVersion);
  return adapterOfKind(group, controller.kind) ?? adapterOfInstances(group, controller.kind);
}

/** The adapter whose workloads own instances of this kind. */
export function adapterOfInstances(group: string, kind: string): WorkloadAdapter | undefined {
  return adapters.find(({ instances }) => instances?.group === group && instances.kind === kind);
}

/** The API group of an apiVersion: `apps` of `apps/v1`, '' of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}
