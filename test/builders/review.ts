import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IntOrPercent, Workload } from '../../src/domain/fleet/workload.ts';
import { adapterOf } from '../../src/workloads/registry.ts';

/** What of an AdmissionReview's request a test may set; the rest is as kube-apiserver sends it. */
export interface RequestFields {
  readonly uid?: unknown;
  readonly resource?: unknown;
  readonly subResource?: string;
  readonly namespace?: unknown;
  readonly name?: unknown;
  readonly operation?: string;
  readonly object?: unknown;
  readonly oldObject?: unknown;
  readonly dryRun?: unknown;
}

/** The uid of a review, unless told otherwise. */
export const REVIEW_UID = 'e5f6c3a0-0d5b-4ad4-a5b5-0f3a4f6a8d10';

/** An AdmissionReview v1 of an UPDATE. */
export function review(request: RequestFields, apiVersion: unknown = 'admission.k8s.io/v1'): object {
  return {
    kind: 'AdmissionReview',
    apiVersion,
    request: {
      uid: REVIEW_UID,
      operation: 'UPDATE',
      userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      object: null,
      oldObject: null,
      dryRun: false,
      options: { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1' },
      ...request,
    },
  };
}

/** An update of the object itself. */
export function updateReview(old: Workload, next: Workload, fields: RequestFields = {}): object {
  return review({ ...requestOf(next), oldObject: objectOf(old), object: objectOf(next), ...fields });
}

/** An update through /scale from what the workload has to `replicas`; zero leaves the key out, as Go does. */
export function scaleReview(workload: Workload, replicas: number, fields: RequestFields = {}): object {
  const { namespace, name, uid, replicas: current } = workload;
  const scale = (count: number) => ({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion: '2478' },
    spec: count === 0 ? {} : { replicas: count },
    status: { replicas: current, selector: `app=${name}` },
  });
  return review({
    ...requestOf(workload),
    subResource: 'scale',
    oldObject: scale(current),
    object: scale(replicas),
    ...fields,
  });
}

/** The Binding of a pod to a node. */
export function bindingReview(
  pod: { readonly namespace: string; readonly name: string; readonly uid: string },
  node: string,
  { annotations, ...fields }: RequestFields & { readonly annotations?: Readonly<Record<string, string>> } = {},
): object {
  const { namespace, name, uid } = pod;
  return review({
    resource: PODS,
    subResource: 'binding',
    namespace,
    name,
    operation: 'CREATE',
    object: {
      kind: 'Binding',
      apiVersion: 'v1',
      metadata: { name, namespace, uid, ...(annotations && { annotations }) },
      target: { kind: 'Node', name: node },
    },
    ...fields,
  });
}

export const PODS = { group: '', version: 'v1', resource: 'pods' };

/** A review as a real kube-apiserver sent it, by the name of its file in test/fixtures/reviews. */
export function captured(name: string): { readonly request: { readonly uid: string } } {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'reviews', `${name}.json`), 'utf8'));
}

/** The request's fields that name a workload. */
function requestOf(workload: Workload): RequestFields {
  const { group, resource } = adapterOf(workload);
  return { resource: { group, version: 'v1', resource }, namespace: workload.namespace, name: workload.name };
}

/** The workload as the object that its API holds. */
export function objectOf(workload: Workload): object {
  const { group, kind, namespace, name, uid, annotations, owner, replicas, roles, partition } = workload;
  const version = roles.length === 0 ? 'v1' : 'v1alpha1';
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: {
      name,
      namespace,
      uid,
      annotations,
      ...(owner && { ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] }),
    },
    spec: roles.length === 0 ? { replicas, template: POD_TEMPLATE } : servingSpec(replicas, roles, partition),
  };
}

const POD_TEMPLATE = { spec: { containers: [{ name: 'main', image: 'registry.example.com/server:1' }] } };

function servingSpec(replicas: number, roles: Workload['roles'], partition: IntOrPercent | null): object {
  const minimums = roles.flatMap((role) => (role.gangMinimum === null ? [] : [[role.name, role.gangMinimum]]));
  return {
    replicas,
    rolloutStrategy: {
      type: 'ServingGroupRollingUpdate',
      ...(partition && { rollingUpdateConfiguration: { partition: written(partition) } }),
    },
    template: {
      gangPolicy: { minRoleReplicas: Object.fromEntries(minimums) },
      roles: roles.map((role) => ({
        name: role.name,
        replicas: role.replicas,
        workerReplicas: role.workers,
        entryTemplate: POD_TEMPLATE,
      })),
    },
  };
}

function written({ kind, value }: IntOrPercent): number | string {
  return kind === 'int' ? value : `${value}%`;
}
