import { STEERING } from '../src/domain/fleet/annotations.ts';

export const GROUPS = 40;
const PODS_PER_GROUP = 4;

/** A ModelServing of `benchFleet`, by its place. */
export function servingOf(place: number): { readonly namespace: string; readonly name: string; readonly uid: string } {
  return { namespace: 'bench', name: `bench-${place}`, uid: `uid-of-bench-${place}` };
}

export function nodeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `node-${index}`);
}

/**
 * A fleet as JSON: `nodes` nodes of 8 GPUs and `servings` ModelServings of 40 groups, prefill and decode of two pods each,
 * which are spread over the nodes one after another. Of one of them, by its place, packdown only observes scale-downs.
 */
export function benchFleet(nodes: number, servings: number, observed: number): string {
  const items = Array.from({ length: servings }, (_, place) => [
    {
      apiVersion: 'workload.serving.volcano.sh/v1alpha1',
      kind: 'ModelServing',
      metadata: { ...servingOf(place), ...(place === observed && { annotations: { [STEERING]: 'observe' } }) },
      spec: {
        replicas: GROUPS,
        template: { roles: ['prefill', 'decode'].map((name) => ({ name, replicas: 1, workerReplicas: 1 })) },
      },
    },
    ...Array.from({ length: GROUPS * PODS_PER_GROUP }, (_, member) =>
      pod(place, member, `node-${(place * GROUPS * PODS_PER_GROUP + member) % nodes}`),
    ),
  ]);
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...nodeNames(nodes).map(node), ...items.flat()] });
}

function node(name: string): object {
  const allocatable = { cpu: '64', memory: '512Gi', pods: '110', 'nvidia.com/gpu': '8' };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, status: { allocatable } };
}

function pod(place: number, member: number, nodeName: string): object {
  const { namespace, name: serving, uid } = servingOf(place);
  const group = `${serving}-${Math.floor(member / PODS_PER_GROUP)}`;
  const role = member % PODS_PER_GROUP < 2 ? 'prefill' : 'decode';
  const index = member % 2;
  const prefix = 'modelserving.volcano.sh';
  const labels = {
    [`${prefix}/name`]: serving,
    [`${prefix}/group-name`]: group,
    [`${prefix}/role`]: role,
    [`${prefix}/role-id`]: `${role}-0`,
    ...(index === 0 ? { [`${prefix}/entry`]: 'true' } : {}),
  };
  const name = `${group}-${role}-0-${index}`;
  const owner = { apiVersion: 'workload.serving.volcano.sh/v1alpha1', kind: 'ModelServing', name: serving, uid };
  const requests = { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '2' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: name, labels, ownerReferences: [{ ...owner, controller: true }] },
    spec: { nodeName, containers: [{ name: 'server', resources: { requests } }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}
