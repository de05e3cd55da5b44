import type { JsonObject } from '../../src/workloads/core/json.ts';

/** The ControllerRevision that Kthena keeps of ModelServing `chat` in `llm`, with decode at this many replicas. */
export function revisionObject(decode: number, rest: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      namespace: 'llm',
      name: 'chat-7f9',
      creationTimestamp: '2026-06-01T12:00:00Z',
      labels: { 'modelserving.volcano.sh/name': 'chat', 'modelserving.volcano.sh/revision': '7f9' },
      ownerReferences: [
        {
          apiVersion: 'workload.serving.volcano.sh/v1alpha1',
          kind: 'ModelServing',
          name: 'chat',
          uid: 'uid-of-chat',
          controller: true,
        },
      ],
    },
    data: {
      data: [
        { name: 'prefill', replicas: 1 },
        { name: 'decode', replicas: decode },
      ],
    },
    ...rest,
  };
}

/** An AutoscalingPolicy that holds prefill : decode of ModelServing `chat` in `llm` between 1:4 and 1:1. */
export function policyObject(rest: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'workload.serving.volcano.sh/v1alpha1',
    kind: 'AutoscalingPolicy',
    metadata: { namespace: 'llm', name: 'chat-pair' },
    spec: {
      disaggregatedTarget: {
        targetRef: { kind: 'ModelServing', name: 'chat' },
        ratioConstraint: { numeratorRole: 'prefill', denominatorRole: 'decode', minRatio: '250m', maxRatio: '1' },
      },
    },
    ...rest,
  };
}
