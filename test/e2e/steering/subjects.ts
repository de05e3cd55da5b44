import type { AuditEntry } from '../control-plane/audit.ts';
import { label } from '../kthena-double/model-serving.ts';
import { podTemplate } from '../objects.ts';

/** A workload that is scaled up and down, always at the same level. */
export interface Subject {
  kind: 'Deployment' | 'ReplicaSet' | 'ModelServing';
  namespace: string;
  name: string;
  /** The role whose replicas are scaled; null where it is groups, or single pods. */
  role: string | null;
  least: number;
  most: number;
  /** To apply; it has `most` of what is scaled. */
  object: object;
  path: string;
  podSelector: string;
  podsAt(count: number): number;
  /** The request that scales it. */
  scaling(count: number): { path: string; body: object; type: 'merge' | 'json' };
  /** Whether its controller says that it is done, and sees everything ready that can be. */
  isDone(object: Observed, count: number): boolean;
  /** Whether this is a request in whose admission packdown chooses what goes. */
  decides(entry: AuditEntry): boolean;
}

/** What controllers report on a Deployment or a ModelServing. */
export interface Observed {
  metadata: { generation: number };
  status?: { observedGeneration?: number; replicas?: number; availableReplicas?: number };
}

interface Common {
  namespace: string;
  name: string;
  policy?: 'consolidate' | 'binpack' | 'ordinal';
  /** Per pod. */
  gpus?: number;
  least: number;
  most: number;
  /** Whether it is said to stay at its most: then nobody looks ahead, and the same choice is made at any time. */
  isSteady?: boolean;
}

const metadataOf = ({ namespace, name, policy = 'consolidate', most, isSteady = false }: Common) => ({
  namespace,
  name,
  annotations: { 'packdown.io/policy': policy, ...(isSteady && { 'packdown.io/floor': String(most) }) },
});

/**
 * With `surge`, for one that is paused in the middle of a rollout: it has so many pods more, some of which never get
 * ready.
 */
export function deployment({ surge = 0, ...common }: Common & { surge?: number }): Subject {
  const { namespace, name } = common;
  const strategy = { rollingUpdate: { maxSurge: surge || 1, maxUnavailable: 0 } };
  return {
    ...ofPods('Deployment', common, { strategy }),
    podsAt: (count) => count + surge,
    isDone: ({ metadata, status = {} }, count) =>
      status.observedGeneration === metadata.generation &&
      status.replicas === count + surge &&
      (surge > 0 || status.availableReplicas === count),
    decides: ({ objectRef, verb }) =>
      verb === 'update' &&
      objectRef?.resource === 'replicasets' &&
      objectRef.subresource === undefined &&
      objectRef.namespace === namespace &&
      objectRef.name?.replace(/-[^-]*$/, '') === name,
  };
}

/** One that no Deployment owns. */
export function replicaSet(common: Common): Subject {
  const { namespace, name } = common;
  return {
    ...ofPods('ReplicaSet', common, {}),
    podsAt: (count) => count,
    isDone: isAt,
    decides: ({ objectRef, verb }) =>
      verb === 'patch' &&
      objectRef?.resource === 'replicasets' &&
      objectRef.subresource === 'scale' &&
      objectRef.namespace === namespace &&
      objectRef.name === name,
  };
}

function ofPods(
  kind: 'Deployment' | 'ReplicaSet',
  common: Common,
  settings: object,
): Omit<Subject, 'podsAt' | 'isDone' | 'decides'> {
  const { namespace, name, gpus = 1, least, most } = common;
  const { metadata, spec } = podTemplate({ gpus });
  const labels = { app: name };
  const path = `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
  return {
    kind,
    namespace,
    name,
    role: null,
    least,
    most,
    path,
    podSelector: `app=${name}`,
    object: {
      apiVersion: 'apps/v1',
      kind,
      metadata: metadataOf(common),
      spec: {
        ...settings,
        replicas: most,
        selector: { matchLabels: labels },
        template: { metadata: { ...metadata, labels }, spec },
      },
    },
    scaling: (replicas) => ({ path: `${path}/scale`, body: { spec: { replicas } }, type: 'merge' }),
  };
}

interface RoleShape {
  name: string;
  replicas?: number;
  workers?: number;
}

interface ServingShape extends Common {
  roles: RoleShape[];
  partition?: number;
  /** Whether the entry pods of what is deleted vanish first. Else it is as the controller's seed has it. */
  entriesFirst?: boolean;
}

/** Scaled by its groups. */
export function servingGroups(shape: ServingShape): Subject {
  const { path, podsOfGroup, serving } = modelServing(shape, shape.most);
  return {
    ...serving,
    role: null,
    podsAt: (count) => count * podsOfGroup(shape.roles),
    scaling: (replicas) => ({ path: `${path}/scale`, body: { spec: { replicas } }, type: 'merge' }),
    isDone: isAt,
    decides: (entry) => isUpdateOf(shape, entry) && entry.objectRef?.subresource === 'scale',
  };
}

/** Scaled by the replicas of its last role, in `groups` groups. */
export function servingRole({ groups, ...shape }: ServingShape & { groups: number }): Subject {
  const last = shape.roles.length - 1;
  const scaled = (count: number) =>
    shape.roles.map((role, index) => (index === last ? { ...role, replicas: count } : role));
  const { path, podsOfGroup, serving } = modelServing({ ...shape, roles: scaled(shape.most) }, groups);
  return {
    ...serving,
    role: shape.roles[last]?.name ?? null,
    podsAt: (count) => groups * podsOfGroup(scaled(count)),
    scaling: (value) => ({
      path,
      body: [{ op: 'replace', path: `/spec/template/roles/${last}/replicas`, value }],
      type: 'json',
    }),
    isDone: (object) => isAt(object, groups),
    decides: (entry) => isUpdateOf(shape, entry) && entry.objectRef?.subresource === undefined,
  };
}

function modelServing(shape: ServingShape, groups: number) {
  const { namespace, name, gpus = 1, least, most, roles, partition, entriesFirst = false } = shape;
  const path = `/apis/workload.serving.volcano.sh/v1alpha1/namespaces/${namespace}/modelservings/${name}`;
  const template = podTemplate({ gpus });
  const entryTemplate = entriesFirst
    ? podTemplate({ gpus, annotations: { 'pod-delete.stage.kwok.x-k8s.io/delay': '50ms' } })
    : template;
  const object = {
    apiVersion: 'workload.serving.volcano.sh/v1alpha1',
    kind: 'ModelServing',
    metadata: metadataOf(shape),
    spec: {
      replicas: groups,
      schedulerName: 'default-scheduler',
      ...(partition && { rolloutStrategy: { rollingUpdateConfiguration: { partition } } }),
      template: {
        roles: roles.map((role) => ({
          name: role.name,
          replicas: role.replicas ?? 1,
          workerReplicas: role.workers ?? 0,
          entryTemplate,
          workerTemplate: template,
        })),
      },
    },
  };
  const podsOfGroup = (roles: RoleShape[]) =>
    roles.reduce((sum, { replicas = 1, workers = 0 }) => sum + replicas * (1 + workers), 0);
  const kind: Subject['kind'] = 'ModelServing';
  return {
    path,
    podsOfGroup,
    serving: { kind, namespace, name, least, most, object, path, podSelector: `${label.name}=${name}` },
  };
}

/** `count` is of what the status counts: pods, or groups. */
function isAt({ metadata, status = {} }: Observed, count: number): boolean {
  return (
    status.observedGeneration === metadata.generation && status.replicas === count && status.availableReplicas === count
  );
}

function isUpdateOf({ namespace, name }: Common, { verb, objectRef }: AuditEntry): boolean {
  return (
    verb === 'patch' &&
    objectRef?.resource === 'modelservings' &&
    objectRef.namespace === namespace &&
    objectRef.name === name
  );
}
