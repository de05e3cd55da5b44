import type { Cluster } from './control-plane/cluster.ts';
import type { Finished } from './control-plane/processes.ts';
import { until } from './control-plane/wait.ts';

/** A workload as it was applied. */
export interface Workload {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  spec: { replicas: number };
}

/** Changes `spec.replicas` in one of the ways that people and controllers have. */
export type ReplicaChange = (cluster: Cluster, workload: Workload, replicas: number) => Promise<Finished>;

export const replicaChanges: Record<string, ReplicaChange> = {
  'kubectl scale': ({ kubectl }, workload, replicas) => kubectl('scale', reference(workload), `--replicas=${replicas}`),

  'a PUT of the scale, as HPA and KEDA do': ({ api, kubectlWithInput }, workload, replicas) =>
    until('a PUT without conflict', async () => {
      const path = `${pathOf(workload)}/scale`;
      const scale = await api.get<object>(path);
      const finished = await kubectlWithInput({ ...scale, spec: { replicas } }, 'replace', '--raw', path, '-f', '-');
      return !finished.stderr.includes('(Conflict)') && finished;
    }),

  'a merge patch of the object': ({ kubectl }, workload, replicas) =>
    kubectl('patch', reference(workload), '--type=merge', '-p', JSON.stringify({ spec: { replicas } })),

  'server-side apply': ({ kubectlWithInput }, workload, replicas) =>
    kubectlWithInput(withReplicas(workload, replicas), 'apply', '--server-side', '--force-conflicts', '-f', '-'),

  'a PUT of the object, as kubectl replace does': ({ kubectlWithInput }, workload, replicas) =>
    kubectlWithInput(withReplicas(workload, replicas), 'replace', '-f', '-'),
};

export function pathOf({ apiVersion, kind, metadata: { name, namespace } }: Workload): string {
  return `/apis/${apiVersion}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
}

function reference({ kind, metadata: { name } }: Workload): string {
  return `${kind.toLowerCase()}/${name}`;
}

function withReplicas(workload: Workload, replicas: number): Workload {
  return { ...workload, spec: { ...workload.spec, replicas } };
}
