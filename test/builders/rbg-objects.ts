import { type KubernetesObject, objectOf, podObject } from './objects.ts';

export const RBG = 'workloads.x-k8s.io/v1alpha2';

export interface SetOptions {
  readonly owner?: KubernetesObject;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly partition?: number;
  readonly updateRevision?: string;
}

/** The RoleBasedGroup chat, whose decode depends on its prefill. */
export function roleBasedGroup(prefill: number, decode: number, owner?: KubernetesObject): KubernetesObject {
  return objectOf(RBG, 'RoleBasedGroup', 'chat', {
    ...(owner && { owner }),
    spec: {
      roles: [
        { name: 'prefill', replicas: prefill },
        { name: 'decode', replicas: decode, dependencies: ['prefill'] },
      ],
    },
  });
}

/** The stateless RoleInstanceSet chat-decode. */
export function roleInstanceSet(replicas: number, options: SetOptions = {}): KubernetesObject {
  const { owner, annotations = {}, partition = 0, updateRevision } = options;
  return objectOf(RBG, 'RoleInstanceSet', 'chat-decode', {
    ...(owner && { owner }),
    annotations: { ...annotations, 'rbg.workloads.x-k8s.io/role-instance-pattern': 'Stateless' },
    spec: { replicas, updateStrategy: { partition } },
    ...(updateRevision !== undefined && { status: { updateRevision } }),
  });
}

/** A RoleInstance of chat-decode that is ready, `age` minutes old, and its one pod on a node. */
export function roleInstance(
  name: string,
  age: number,
  node: string,
  revision?: string,
  deleting = false,
): readonly KubernetesObject[] {
  const instance = objectOf(RBG, 'RoleInstance', name, {
    owner: roleInstanceSet(1),
    age,
    deleting,
    ...(revision !== undefined && { labels: { 'controller-revision-hash': revision } }),
    status: {
      componentStatuses: [{ name: 'main' }],
      conditions: [{ type: 'RoleInstanceReady', status: 'True', lastTransitionTime: '2026-06-01T09:00:00Z' }],
    },
  });
  return [instance, podObject(`${name}-0`, { owner: instance, node, deleting })];
}
