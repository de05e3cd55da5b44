import type { InstanceReader, WorkloadAdapter } from '../../src/workloads/adapter.ts';

/** A CRD of just what packdown relies on: the names, /scale, and any spec and status at all. */
export function minimalDefinition({ group, kind, resource, ...rest }: WorkloadAdapter | InstanceReader): object {
  const singular = kind.toLowerCase();
  const versions = 'versions' in rest ? rest.versions : ['v1alpha2'];
  const isScalable = 'scalable' in rest && rest.scalable;
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource}.${group}`, annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' } },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural: resource, singular },
      scope: 'Namespaced',
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === versions.length - 1,
        subresources: isScalable ? { scale: scalePaths(group) } : {},
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
      })),
    },
  };
}

function scalePaths(group: string): object {
  const isPublished = group === 'autoscaling.openfuyao.com';
  return {
    specReplicasPath: isPublished ? '.spec.scalingStrategy.groupConfig.replicas' : '.spec.replicas',
    statusReplicasPath: isPublished ? '.status.currentReplicas' : '.status.replicas',
  };
}
