import type { JsonObject } from '../../src/workloads/core/json.ts';
import { NOW } from './fleet.ts';

/** A Kubernetes object as a fleet file holds it; its uid is made of its kind and name. */
export interface ObjectFields {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The controller that owns it, by another object of the same file. */
  readonly owner?: KubernetesObject;
  /** Whether that owner is named as the controller, as most controllers do. */
  readonly isController?: boolean;
  readonly spec?: object;
  readonly status?: object;
  readonly deleting?: boolean;
  /** Minutes since it was created. */
  readonly age?: number;
}

export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string } & JsonObject;
} & JsonObject;

export function objectOf(apiVersion: string, kind: string, name: string, fields: ObjectFields = {}): KubernetesObject {
  const {
    labels = {},
    annotations = {},
    owner,
    isController = true,
    spec = {},
    status = {},
    deleting = false,
    age = 60,
  } = fields;
  return {
    apiVersion,
    kind,
    metadata: {
      namespace: 'llm',
      name,
      uid: uidOf(kind, name),
      labels,
      ...(Object.keys(annotations).length > 0 && { annotations }),
      creationTimestamp: new Date(NOW - age * 60_000).toISOString(),
      ...(deleting && { deletionTimestamp: new Date(NOW).toISOString() }),
      ...(owner !== undefined && { ownerReferences: [ownerReference(owner, isController)] }),
    },
    spec,
    status,
  };
}

export interface PodFields extends Omit<ObjectFields, 'spec' | 'status'> {
  readonly ready?: boolean;
  readonly node?: string;
}

/** A pod with one GPU on node n1, ready unless told otherwise. */
export function podObject(name: string, { ready = true, node = 'n1', ...fields }: PodFields = {}): KubernetesObject {
  return objectOf('v1', 'Pod', name, {
    ...fields,
    spec: { nodeName: node, containers: [{ name: 'main', resources: { requests: { 'nvidia.com/gpu': 1 } } }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
}

/** A node with 8 GPUs. */
export function nodeObject(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { allocatable: { cpu: 64, memory: '512Gi', 'nvidia.com/gpu': 8 } },
  };
}

export function uidOf(kind: string, name: string): string {
  return `uid-of-${kind}-${name}`.toLowerCase();
}

function ownerReference(
  { apiVersion, kind, metadata: { name, uid } }: KubernetesObject,
  isController: boolean,
): object {
  return { apiVersion, kind, name, uid, ...(isController && { controller: true }), blockOwnerDeletion: true };
}
