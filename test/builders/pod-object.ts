import type { Pod } from '../../src/domain/fleet/pod.ts';
import type { JsonObject } from '../../src/workloads/core/json.ts';

/**
 * A pod as the apiserver holds it: running and ready, with no annotation, one GPU, and nothing of its age or restarts.
 */
export function podObjectOf({ namespace, name, uid, node, labels, controller }: Pod): JsonObject {
  const requests = { cpu: '4', memory: '32Gi', 'nvidia.com/gpu': '1' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name,
      uid,
      labels,
      ...(controller && { ownerReferences: [{ ...controller, controller: true }] }),
    },
    spec: { nodeName: node, containers: [{ name: 'server', resources: { requests } }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}
