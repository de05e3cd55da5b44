import { dump } from 'js-yaml';

/** A fleet of `nodes` nodes of 8 GPUs with one ModelServing of `groups` groups, prefill and decode, spread over them. */
export function benchFleet(nodes: number, groups: number): string {
  const serving = {
    apiVersion: 'workload.serving.volcano.sh/v1alpha1',
    kind: 'ModelServing',
    metadata: { name: 'bench', namespace: 'bench', uid: 'bench' },
    spec: {
      replicas: groups,
      template: { roles: ['prefill', 'decode'].map((name) => ({ name, replicas: 1, workerReplicas: 1 })) },
    },
  };
  const pods = Array.from({ length: groups }, (_, group) =>
    ['prefill', 'decode'].flatMap((role, r) =>
      [0, 1].map((p) => pod(group, role, p, `node-${(group * 4 + r * 2 + p) % nodes}`)),
    ),
  );
  const list = [...Array.from({ length: nodes }, (_, index) => node(`node-${index}`)), serving, ...pods.flat()];
  return dump({ apiVersion: 'v1', kind: 'List', items: list });
}

function node(name: string): object {
  const allocatable = { cpu: '64', memory: '512Gi', pods: '110', 'nvidia.com/gpu': '8' };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { allocatable } };
}

function pod(group: number, role: string, index: number, nodeName: string): object {
  const prefix = 'modelserving.volcano.sh';
  const labels = {
    [`${prefix}/name`]: 'bench',
    [`${prefix}/group-name`]: `bench-${group}`,
    [`${prefix}/role`]: role,
    [`${prefix}/role-id`]: `${role}-0`,
    ...(index === 0 ? { [`${prefix}/entry`]: 'true' } : {}),
  };
  const name = `bench-${group}-${role}-0-${index}`;
  const requests = { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '2' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'bench', uid: name, labels },
    spec: { nodeName, containers: [{ name: 'server', resources: { requests } }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}
