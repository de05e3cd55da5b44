import type { JsonObject } from '../../src/workloads/core/json.ts';

/** A running pod `ns/<name>` on node n1 as the apiserver shows it; without annotations when none are given. */
export function podObject(
  name: string,
  annotations?: Readonly<Record<string, string>>,
  uid = `uid-of-${name}`,
): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'ns', name, uid, ...(annotations && { annotations }) },
    spec: { nodeName: 'n1', containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }] },
    status: { phase: 'Running' },
  };
}
