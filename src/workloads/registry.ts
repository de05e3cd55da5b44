import type { Pod } from '../domain/fleet/pod.ts';
import type { WorkloadKey } from '../domain/fleet/workload.ts';
import type { WorkloadAdapter } from './adapter.ts';
import { deployment } from './apps/deployment.ts';
import { replicaSetAdapter } from './apps/replica-set.ts';
import { statefulSetAdapter } from './apps/stateful-set.ts';
import { modelServing } from './kthena/model-serving.ts';

/** Every kind that packdown knows. A new kind is one more line here and one more folder beside this file. */
export const adapters: readonly WorkloadAdapter[] = [modelServing, deployment, replicaSetAdapter, statefulSetAdapter];

export function adapterOfKind(group: string, kind: string): WorkloadAdapter | undefined {
  return adapters.find((adapter) => adapter.group === group && adapter.kind === kind);
}

export function adapterOfResource(group: string, resource: string): WorkloadAdapter | undefined {
  return adapters.find((adapter) => adapter.group === group && adapter.resource === resource);
}

/** The adapter of a workload that one of them has read. */
export function adapterOf(workload: WorkloadKey): WorkloadAdapter {
  const adapter = adapterOfKind(workload.group, workload.kind);
  if (adapter === undefined) throw new RangeError(`no adapter knows ${workload.kind} of group ${workload.group}`);
  return adapter;
}

/** The adapter of the kind that controls a pod. */
export function ownerAdapterOf({ controller }: Pod): WorkloadAdapter | undefined {
  return controller === null ? undefined : adapterOfKind(groupOf(controller.apiVersion), controller.kind);
}

/** The API group of an apiVersion: `apps` of `apps/v1`, '' of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}
