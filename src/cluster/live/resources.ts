import type { Autoscaler } from '../../domain/fleet/autoscaler.ts';
import type { Instance } from '../../domain/fleet/instance.ts';
import type { Node } from '../../domain/fleet/node.ts';
import type { Pod } from '../../domain/fleet/pod.ts';
import type { RatioPolicy } from '../../domain/fleet/ratio-policy.ts';
import type { Revision } from '../../domain/fleet/revision.ts';
import type { Namespace } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import type { InstanceReader, WorkloadAdapter } from '../../workloads/adapter.ts';
import { readHorizontalPodAutoscaler } from '../../workloads/autoscaling/horizontal-pod-autoscaler.ts';
import type { JsonObject } from '../../workloads/core/json.ts';
import { readMetadata } from '../../workloads/core/metadata.ts';
import { readNode } from '../../workloads/core/node.ts';
import { readPod } from '../../workloads/core/pod.ts';
import { readAutoscalingPolicy } from '../../workloads/kthena/autoscaling-policy.ts';
import { readControllerRevision } from '../../workloads/kthena/controller-revision.ts';
import { readGroupAutoscaler } from '../../workloads/kthena/group-bounds.ts';
import { NAME } from '../../workloads/kthena/labels.ts';
import { modelServing } from '../../workloads/kthena/model-serving.ts';
import type { FleetIndex } from '../fleet-index.ts';
import type { KubeApi } from './kube-api.ts';
import type { CarrierKind } from './live-carriers.ts';
import { mirrored } from './mirrored.ts';
import { servedPath } from './served-path.ts';
import { SharedParts } from './shared-parts.ts';
import type { WatchedResource } from './watched-resource.ts';

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
    read: readHorizontalPodAutoscaler,
    put: (autoscaler) => index.putAutoscaler(autoscaler),
    remove: (namespace, name) => index.deleteAutoscaler({ kind: 'HorizontalPodAutoscaler', namespace, name }),
  });
}

/** Groups of CRDs are domain names; those of the kinds here that every apiserver has are not. */
function isOfCrd(group: string): boolean {
  return group.includes('.');
}

/** The objects of one kind, in whatever version the apiserver serves them. */
export function workloads(adapter: WorkloadAdapter, index: FleetIndex, api: KubeApi): WatchedResource<Workload> {
  const { group, kind, resource } = adapter;
  return mirrored({
    name: resource,
    isOptional: isOfCrd(group),
    path: (signal) => servedPath(api, group, resource, signal),
    read: (object) => adapter.read(object),
    put: (workload) => index.putWorkload(workload),
    remove: (namespace, name) => index.deleteWorkload({ group, kind, namespace, name }),
  });
}

export function pods(index: FleetIndex): CarrierKind<Pod> {
  const parts = new SharedParts();
  return {
    name: 'pods',
    path: async () => '/api/v1/pods',
    read: (object) => {
      const pod = readPod(object);
      return parts.share(pod, index.pod(pod.namespace, pod.name));
    },
    put: (pod) => {
      // Most events are about what decisions do not read.
      if (index.pod(pod.namespace, pod.name) !== pod) index.putPod(pod);
    },
    remove: (namespace, name) => index.deletePod(namespace, name),
    all: () => index.pods(),
    find: (namespace, name) => index.pod(namespace, name),
  };
}

/** The objects between workloads and pods that carry costs. */
export function instances(reader: InstanceReader, index: FleetIndex, api: KubeApi): CarrierKind<Instance> {
  const { group, resource } = reader;
  return {
    name: resource,
    isOptional: isOfCrd(group),
    path: (signal) => servedPath(api, group, resource, signal),
    read: (object) => reader.read(object),
    put: (instance) => index.putInstance(instance),
    remove: (namespace, name) => index.deleteInstance(namespace, name),
    all: () => index.instances(),
    find: (namespace, name) => index.instance(namespace, name),
  };
}

/** The ControllerRevisions of ModelServings; those of StatefulSets and DaemonSets carry no such label. */
export function revisions(index: FleetIndex): WatchedResource<Perhaps<Revision>> {
  return mirrored({
    name: 'controllerrevisions',
    path: async () => '/apis/apps/v1/controllerrevisions',
    labelSelector: NAME,
    read: (object) => perhaps(object, readControllerRevision),
    put: ({ namespace, name, item }) =>
      item === null ? index.deleteRevision(namespace, name) : index.putRevision(item),
    remove: (namespace, name) => index.deleteRevision(namespace, name),
  });
}

/** Kthena's AutoscalingPolicies: what they keep groups within, and the ratio of roles that they declare. */
export function autoscalingPolicies(
  index: FleetIndex,
  api: KubeApi,
): WatchedResource<Autoscaler & Perhaps<RatioPolicy>> {
  const kind = 'AutoscalingPolicy';
  return mirrored({
    name: 'autoscalingpolicies',
    isOptional: true,
    path: (signal) => servedPath(api, modelServing.group, 'autoscalingpolicies', signal),
    read: (object) => ({ ...readGroupAutoscaler(kind, object), ...perhaps(object, readAutoscalingPolicy) }),
    put: ({ item, ...autoscaler }) => {
      const { namespace, name } = autoscaler;
      if (item === null) index.deleteRatioPolicy(namespace, name);
      else index.putRatioPolicy(item);
      index.putAutoscaler(autoscaler);
    },
    remove: (namespace, name) => {
      index.deleteRatioPolicy(namespace, name);
      index.deleteAutoscaler({ kind, namespace, name });
    },
  });
}

/** Where older versions of Kthena have the targets of AutoscalingPolicies. */
export function autoscalingPolicyBindings(index: FleetIndex, api: KubeApi): WatchedResource<Autoscaler> {
  const [kind, resource] = ['AutoscalingPolicyBinding', 'autoscalingpolicybindings'];
  return mirrored({
    name: resource,
    isOptional: true,
    path: (signal) => servedPath(api, modelServing.group, resource, signal),
    read: (object) => readGroupAutoscaler(kind, object),
    put: (autoscaler) => index.putAutoscaler(autoscaler),
    remove: (namespace, name) => index.deleteAutoscaler({ kind, namespace, name }),
  });
}

/** An object that may hold what is wanted of it now, and may not the next time. */
interface Perhaps<T> {
  readonly namespace: string;
  readonly name: string;
  readonly item: T | null;
}

function perhaps<T>(object: JsonObject, read: (object: JsonObject) => T | null): Perhaps<T> {
  const { namespace, name } = readMetadata(object);
  return { namespace, name, item: read(object) };
}
