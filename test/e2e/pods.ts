import type { Cluster } from './control-plane/cluster.ts';
import type { ControlPlane } from './control-plane/control-plane.ts';
import { until } from './control-plane/wait.ts';
import type { Installation } from './installation.ts';
import type { deployment } from './objects.ts';

type Deployment = ReturnType<typeof deployment>;

/** What tests read of a pod. */
export interface Pod {
  metadata: {
    namespace: string;
    name: string;
    uid: string;
    resourceVersion: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: { nodeName?: string };
  status?: { conditions?: { type: string; status: string }[] };
}

export interface PodList {
  metadata: { resourceVersion: string };
  items: Pod[];
}

/** Of all namespaces. */
export async function listPods({ api }: Cluster): Promise<Pod[]> {
  return (await api.get<PodList>('/api/v1/pods')).items;
}

/** `namespace/name`, as packdown names pods. */
export function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}

export function costOf({ metadata }: Pod): string | undefined {
  return metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'];
}

/** The value that packdown says it wrote. */
export function costOwnerOf({ metadata }: Pod): string | undefined {
  return metadata.annotations?.['packdown.io/cost-owner'];
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

/** Waits until there are exactly so many pods, all ready, and packdown sees each where it is. */
export async function settledPods(cluster: Cluster, packdown: Installation, count: number): Promise<Pod[]> {
  return until(`${count} ready pods, and packdown to see them`, async () => {
    const [pods, costs] = [await listPods(cluster), await packdown.costs()];
    if (pods.length !== count || costs.length !== count || !pods.every(isReady)) return false;
    const nodes = new Map(costs.map(({ pod, node }) => [pod, node]));
    return pods.every((pod) => nodes.get(nameOf(pod)) === pod.spec.nodeName) && pods;
  });
}

/**
 * Creates a Deployment and waits until packdown knows its ReplicaSet too: a pod that is bound before carries no cost.
 */
export async function introduce(cluster: Cluster, packdown: Installation, deployment: Deployment): Promise<void> {
  await cluster.apply(deployment);
  const { name } = deployment.metadata;
  await until(`packdown to know the ReplicaSet of ${name}`, async () => {
    const path = `/apis/apps/v1/namespaces/default/replicasets?labelSelector=app%3D${name}`;
    const [only] = (await cluster.api.get<{ items: Pick<Pod, 'metadata'>[] }>(path)).items;
    return only !== undefined && packdown.plan(`ReplicaSet/default/${only.metadata.name}=0`);
  });
}

/** The pods of packdown's write requests so far, refused ones included: from the audit log, oldest first. */
export async function writtenPods({ auditLog }: ControlPlane, { username }: Installation): Promise<string[]> {
  const entries = (await auditLog()).filter(
    ({ user, objectRef }) => user.username === username && objectRef?.resource === 'pods',
  );
  return entries.map(({ objectRef }) => `${objectRef?.namespace}/${objectRef?.name}`);
}

/** Collects every version that a pod of namespace default has had after `from`, until the signal aborts. */
export async function recordPods({ api }: Cluster, from: string, versions: Pod[], signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/default/pods?watch=true&resourceVersion=${from}`;
  try {
    for await (const { object } of api.watch<Pod>(path, signal)) versions.push(object);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The first version with a node of each of these pods, once the versions have one of every pod; false until then. */
export function firstBound(versions: readonly Pod[], names: readonly string[]): Pod[] | false {
  const bound = versions.filter(({ spec }) => spec.nodeName !== undefined);
  const firsts = names.flatMap((name) => bound.find((version) => nameOf(version) === name) ?? []);
  return firsts.length === names.length && firsts;
}
