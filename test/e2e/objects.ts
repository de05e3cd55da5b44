/** Objects that tests apply, with no more in them than the API asks for. Everything goes to the namespace `default`. */

const HARDWARE = { cpu: '4', memory: '16Gi' };

export interface PodOptions {
  /** `nvidia.com/gpu`. Default 1. */
  gpus?: number;
  annotations?: Record<string, string>;
  priorityClassName?: string;
}

/** A pod template without labels: 4 CPUs, 16Gi and GPUs. */
export function podTemplate({ gpus = 1, annotations = {}, priorityClassName }: PodOptions = {}) {
  const limits = { ...HARDWARE, 'nvidia.com/gpu': String(gpus) };
  return {
    metadata: { annotations },
    spec: {
      containers: [{ name: 'server', image: 'server:1', resources: { limits } }],
      ...(priorityClassName !== undefined && { priorityClassName }),
    },
  };
}

export function pod(name: string, options: PodOptions = {}) {
  const { metadata, spec } = podTemplate(options);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name, namespace: 'default' }, spec };
}

/** Its pods carry the label `app: <name>`. */
export function deployment(name: string, replicas: number, options: PodOptions = {}) {
  return { apiVersion: 'apps/v1', kind: 'Deployment', ...appsObject(name, replicas, options) };
}

/** Its pods carry the label `app: <name>`; they are created and deleted without waiting for each other. */
export function statefulSet(name: string, replicas: number, options: PodOptions = {}) {
  const { metadata, spec } = appsObject(name, replicas, options);
  const policies = { serviceName: name, podManagementPolicy: 'Parallel' };
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { ...spec, ...policies } };
}

function appsObject(name: string, replicas: number, options: PodOptions) {
  const labels = { app: name };
  const { metadata, spec } = podTemplate(options);
  return {
    metadata: { name, namespace: 'default' },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { ...metadata, labels }, spec } },
  };
}

/** Its pods carry the label `app: <name>`; no Deployment owns it. */
export function replicaSet(name: string, replicas: number, options: PodOptions = {}) {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', ...appsObject(name, replicas, options) };
}

export interface ModelServingOptions extends PodOptions {
  /**
   * Role → replicas in each group, and the least that its gang needs. Default one prefill and one decode, without a
   * gang.
   */
  roles?: Record<string, { replicas: number; gangMinimum?: number }>;
  partition?: number;
}

/** Scheduled by the default scheduler; its roles have no workers. */
export function modelServing(name: string, replicas: number, options: ModelServingOptions = {}) {
  const { roles = { prefill: { replicas: 1 }, decode: { replicas: 1 } }, partition = 0 } = options;
  const entryTemplate = podTemplate(options);
  const minima = Object.entries(roles).flatMap(([role, { gangMinimum }]) =>
    gangMinimum === undefined ? [] : [[role, gangMinimum]],
  );
  return {
    apiVersion: 'workload.serving.volcano.sh/v1alpha1',
    kind: 'ModelServing',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      schedulerName: 'default-scheduler',
      rolloutStrategy: { type: 'ServingGroupRollingUpdate', rollingUpdateConfiguration: { partition } },
      template: {
        ...(minima.length > 0 && { gangPolicy: { minRoleReplicas: Object.fromEntries(minima) } }),
        roles: Object.entries(roles).map(([role, { replicas }]) => ({
          name: role,
          replicas,
          workerReplicas: 0,
          entryTemplate,
        })),
      },
    },
  };
}
