import { deployment, modelServing, podTemplate, statefulSet } from '../objects.ts';

/** The metric that the HPAs of a day read: requests that a router has in flight to a model, as Kthena's has them. */
export const METRIC = 'kthena_router_active_downstream_requests';
/** Of these, what one replica is to have. */
export const PER_REPLICA = 10;

/** A workload that an HPA scales between its least and its most replicas. */
export interface Autoscaled {
  readonly name: string;
  readonly kind: string;
  readonly least: number;
  readonly most: number;
  /** Of one replica. */
  readonly pods: number;
  /** Of one pod. */
  readonly gpus: number;
  /** With so many replicas, to apply. */
  object(replicas: number): object;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Groups of one prefill pod and `decode` decode pods. */
export function servingOf(
  name: string,
  bounds: Bounds,
  { decode, gpus }: { decode: number; gpus: number },
): Autoscaled {
  const roles = { prefill: { replicas: 1 }, decode: { replicas: decode } };
  return {
    name,
    ...bounds,
    kind: 'ModelServing',
    pods: 1 + decode,
    gpus,
    object: (replicas) => modelServing(name, replicas, { roles, gpus }),
  };
}

export function deploymentOf(name: string, bounds: Bounds, gpus: number): Autoscaled {
  return {
    name,
    ...bounds,
    kind: 'Deployment',
    pods: 1,
    gpus,
    object: (replicas) => deployment(name, replicas, { gpus }),
  };
}

export function statefulSetOf(name: string, bounds: Bounds, gpus: number): Autoscaled {
  return {
    name,
    ...bounds,
    kind: 'StatefulSet',
    pods: 1,
    gpus,
    object: (replicas) => statefulSet(name, replicas, { gpus }),
  };
}

/** Groups of a leader and one worker. */
export function leaderWorkerSetOf(name: string, bounds: Bounds, gpus: number): Autoscaled {
  const template = podTemplate({ gpus });
  return {
    name,
    ...bounds,
    kind: 'LeaderWorkerSet',
    pods: 2,
    gpus,
    object: (replicas) => ({
      apiVersion: API_VERSIONS.LeaderWorkerSet,
      kind: 'LeaderWorkerSet',
      metadata: { name, namespace: 'default' },
      spec: { replicas, leaderWorkerTemplate: { size: 2, leaderTemplate: template, workerTemplate: template } },
    }),
  };
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  ModelServing: 'workload.serving.volcano.sh/v1alpha1',
  LeaderWorkerSet: 'leaderworkerset.x-k8s.io/v1',
};

/** Path of the object in the API. */
export function pathOf({ kind, name }: Autoscaled): string {
  return `/apis/${API_VERSIONS[kind]}/namespaces/default/${kind.toLowerCase()}s/${name}`;
}

/**
 * An HPA that follows the metric of the model of the same name at once upwards, and after `stabilization` seconds
 * downwards.
 */
export function autoscalerOf({ name, kind, least, most }: Autoscaled, stabilization: number): object {
  const doubled = [{ type: 'Percent', value: 100, periodSeconds: 1 }];
  const metric = { name: METRIC, selector: { matchLabels: { model: name } } };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: API_VERSIONS[kind], kind, name },
      minReplicas: least,
      maxReplicas: most,
      metrics: [
        { type: 'External', external: { metric, target: { type: 'AverageValue', averageValue: PER_REPLICA } } },
      ],
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 0, policies: doubled },
        scaleDown: { stabilizationWindowSeconds: stabilization, policies: doubled },
      },
    },
  };
}
