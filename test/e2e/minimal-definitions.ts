/** A kind, as adapters and readers name theirs. */
export interface Definable {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  readonly versions?: readonly string[];
  readonly scalable?: boolean;
}

/** A CRD of just what packdown relies on: the names, /scale, and any spec and status at all. */
export function minimalDefinition({
  group,
  kind,
  resource,
  versions = ['v1alpha2'],
  scalable = false,
}: Definable): object {
  const singular = kind.toLowerCase();
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
        subresources: scalable ? { scale: scalePaths(group) } : {},
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
