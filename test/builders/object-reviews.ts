import { dump } from 'js-yaml';
import { loadFleet } from '../../src/cluster/embedded/load-fleet.ts';
import type { FleetIndex } from '../../src/cluster/fleet-index.ts';
import { adapterOfKind, groupOf } from '../../src/workloads/registry.ts';
import { type KubernetesObject, nodeObject } from './objects.ts';
import { type RequestFields, review } from './review.ts';

/** A fleet of these objects and of nodes n1, n2 and n3. */
export function fleetOfObjects(...objects: readonly object[]): FleetIndex {
  const items = [...['n1', 'n2', 'n3'].map(nodeObject), ...objects];
  return loadFleet(dump({ apiVersion: 'v1', kind: 'List', items }, { noRefs: true }), 'objects');
}

/** An update of an object from one form to another. */
export function objectUpdate(
  oldObject: KubernetesObject,
  object: KubernetesObject,
  fields: RequestFields = {},
): object {
  return review({ ...requestOf(object), oldObject, object, ...fields });
}

/** An update of an object's /scale. */
export function objectScale(object: KubernetesObject, from: number, to: number, fields: RequestFields = {}): object {
  const { namespace, name, uid } = object.metadata;
  const scale = (replicas: number) => ({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid },
    spec: replicas === 0 ? {} : { replicas },
  });
  return review({ ...requestOf(object), subResource: 'scale', oldObject: scale(from), object: scale(to), ...fields });
}

function requestOf({ apiVersion, kind, metadata: { namespace, name } }: KubernetesObject): RequestFields {
  const group = groupOf(apiVersion);
  const resource = adapterOfKind(group, kind)?.resource;
  return { resource: { group, version: apiVersion.slice(group.length + 1), resource }, namespace, name };
}
