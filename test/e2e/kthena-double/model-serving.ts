import { createHash } from 'node:crypto';

/** The fields of a ModelServing (workload.serving.volcano.sh/v1alpha1) that the double reads; the CRD sets defaults. */
export interface ModelServing {
  metadata: { name: string; namespace: string; uid: string; generation: number; resourceVersion?: string };
  spec: {
    replicas: number;
    schedulerName: string;
    rolloutStrategy?: { type: string; rollingUpdateConfiguration?: { partition?: number | string } };
    template: { roles: Role[] };
  };
  status?: ModelServingStatus;
}

export interface Role {
  name: string;
  replicas: number;
  workerReplicas: number;
  /** Only heeded with the RoleRollingUpdate strategy. */
  partition?: number | string;
  entryTemplate: PodTemplate;
  workerTemplate?: PodTemplate;
}

interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: object;
}

export interface ModelServingStatus {
  observedGeneration: number;
  /** Groups, those being deleted included. */
  replicas: number;
  currentReplicas: number;
  updatedReplicas: number;
  availableReplicas: number;
  currentRevision: string;
  updateRevision: string;
  /** What an HPA counts: the entry pod of replica 0 of the first role, once per group. */
  labelSelector: string;
}

export interface Pod {
  metadata: {
    name: string;
    namespace: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    ownerReferences?: { uid: string }[];
  };
  status?: {
    phase?: string;
    conditions?: { type: string; status: string }[];
    containerStatuses?: { restartCount: number }[];
    initContainerStatuses?: { restartCount: number }[];
  };
}

const prefix = 'modelserving.volcano.sh';

export const label = {
  name: `${prefix}/name`,
  group: `${prefix}/group-name`,
  role: `${prefix}/role`,
  roleId: `${prefix}/role-id`,
  entry: `${prefix}/entry`,
  revision: `${prefix}/revision`,
  roleTemplateHash: `${prefix}/role-template-hash`,
};

/** Which group and role replica a pod is in, from its labels. */
export interface PodPlace {
  group: number;
  role: string;
  roleReplica: number;
}

export function placeOf({ metadata: { labels = {} } }: Pod): PodPlace | undefined {
  const group = ordinalOf(labels[label.group]);
  const roleReplica = ordinalOf(labels[label.roleId]);
  const role = labels[label.role];
  return group === undefined || roleReplica === undefined || role === undefined
    ? undefined
    : { group, role, roleReplica };
}

function ordinalOf(name = ''): number | undefined {
  const digits = /-(\d+)$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function isReady({ status }: Pod): boolean {
  const ready = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return status?.phase === 'Running' && ready === true;
}

/** Whether it failed or was restarted, and is not ready again. One that is terminating is left alone. */
export function isBroken(pod: Pod): boolean {
  const { containerStatuses = [], initContainerStatuses = [], phase } = pod.status ?? {};
  if (isReady(pod) || pod.metadata.deletionTimestamp !== undefined) return false;
  return (
    phase === 'Failed' || [...initContainerStatuses, ...containerStatuses].some(({ restartCount }) => restartCount > 0)
  );
}

/** Changes with everything in the template but the replicas of its roles. */
export function revisionOf({ spec }: ModelServing): string {
  return hash(spec.template.roles.map((role) => ({ ...role, replicas: undefined })));
}

export function labelSelectorOf({ metadata: { name }, spec }: ModelServing): string {
  const role = spec.template.roles[0]?.name;
  return `${label.entry}=true,${label.name}=${name},${label.roleId}=${role}-0,${label.role}=${role}`;
}

/** The name of a pod: its index is 0 for the entry pod, 1 and up for workers. */
export function podName({ metadata }: ModelServing, { group, role, roleReplica }: PodPlace, index: number): string {
  return `${metadata.name}-${group}-${role}-${roleReplica}-${index}`;
}

/**
 * The pods of one role replica: the entry pod, then the workers.
 * Each takes 0.1 to 2 s to end, drawn from the seed and its name.
 */
export function podsOf(serving: ModelServing, role: Role, place: PodPlace, seed: number): object[] {
  const { name, namespace, uid } = serving.metadata;
  return Array.from({ length: 1 + role.workerReplicas }, (_, index) => {
    const template = index === 0 ? role.entryTemplate : role.workerTemplate;
    const ownName = podName(serving, place, index);
    return {
      metadata: {
        name: ownName,
        namespace,
        labels: {
          [label.name]: name,
          [label.group]: `${name}-${place.group}`,
          [label.role]: role.name,
          [label.roleId]: `${role.name}-${place.roleReplica}`,
          [label.revision]: revisionOf(serving),
          [label.roleTemplateHash]: hash({ ...role, replicas: undefined }),
          ...(index === 0 && { [label.entry]: 'true' }),
          ...template?.metadata?.labels,
        },
        annotations: {
          'pod-delete.stage.kwok.x-k8s.io/delay': `${terminationTime(seed, `${namespace}/${ownName}`)}ms`,
          ...template?.metadata?.annotations,
        },
        ownerReferences: [
          {
            apiVersion: 'workload.serving.volcano.sh/v1alpha1',
            kind: 'ModelServing',
            name,
            uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: { ...template?.spec, schedulerName: serving.spec.schedulerName },
    };
  });
}

/** Milliseconds, 100 to 2000. */
function terminationTime(seed: number, pod: string): number {
  return 100 + (Number.parseInt(hash({ seed, pod }), 16) % 1901);
}

function hash(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 10);
}
