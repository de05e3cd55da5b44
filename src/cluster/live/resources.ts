import type { Autoscaler } from '../../domain/fleet/autoscaler.ts';
import type { Node } from '../../domain/fleet/node.ts';
import type { Namespace } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import type { WorkloadAdapter } from '../../workloads/adapter.ts';
import { readAutoscaler } from '../../workloads/autoscaler.ts';
import { readMetadata } from '../../workloads/core/metadata.ts';
import { readNode } from '../../workloads/core/node.ts';
import type { FleetIndex } from '../fleet-index.ts';
import type { KubeApi } from './kube-api.ts';
import { mirrored } from './mirrored.ts';
import { servedPath } from './served-path.ts';
import type { WatchedResource } from './watch-resource.ts';

export function nodes(index: FleetIndex): WatchedResource<Node> {
  return mirrored({
    name: 'nodes',
    path: async () => '/api/v1/nodes',
    read: readNode,
    put: (node) => index.putNode(node),
    remove: (_, name) => index.deleteNode(name),
  });
}

export function namespaces(index: FleetIndex): WatchedResource<Namespace> {
  return mirrored({
    name: 'namespaces',
    path: async () => '/api/v1/namespaces',
    read: (object) => {
      const { name, labels, annotations } = readMetadata(object);
      return { name, labels, annotations };
    },
    put: (namespace) => index.putNamespace(namespace),
    remove: (_, name) => index.deleteNamespace(name),
  });
}

export function autoscalers(index: FleetIndex, api: KubeApi): WatchedResource<Autoscaler> {
  const name = 'horizontalpodautoscalers';
  return mirrored({
    name,
    path: (signal) => servedPath(api, 'autoscaling', name, signal),
    read: readAutoscaler,
    put: (autoscaler) => index.putAutoscaler(autoscaler),
    remove: (namespace, name) => index.deleteAutoscaler(namespace, name),
  });
}

/** The objects of one kind, in whatever version the apiserver serves them. */
export function workloads(adapter: WorkloadAdapter, index: FleetIndex, api: KubeApi): WatchedResource<Workload> {
  const { group, kind, resource } = adapter;
  return mirrored({
    name: resource,
    path: (signal) => servedPath(api, group, resource, signal),
    read: (object) => adapter.read(object),
    put: (workload) => index.putWorkload(workload),
    remove: (namespace, name) => index.deleteWorkload({ group, kind, namespace, name }),
  });
}
