import { CodedError } from '../domain/coded-error.ts';
import type { Autoscaler } from '../domain/fleet/autoscaler.ts';
import { countOf, type JsonObject, objectAt, textOf } from './core/json.ts';
import { readMetadata } from './core/metadata.ts';
import { groupOf } from './registry.ts';

/** Reads a HorizontalPodAutoscaler of any version of `autoscaling`. Throws CodedError `MalformedObject`. */
export function readAutoscaler(object: JsonObject): Autoscaler {
  const { namespace, name } = readMetadata(object);
  const spec = objectAt(object, 'spec');
  const { apiVersion, kind, name: target } = objectAt(spec, 'scaleTargetRef');
  return {
    namespace,
    name,
    target: {
      group: groupOf(textOf(apiVersion) ?? ''),
      kind: textOf(kind) ?? '',
      namespace,
      name: textOf(target) ?? '',
    },
    // Kubernetes' own default.
    minReplicas: replicasOf('minReplicas', countOf(spec.minReplicas, 1)),
    maxReplicas: replicasOf('maxReplicas', countOf(spec.maxReplicas, Number.NaN)),
  };
}

function replicasOf(key: string, count: number): number {
  if (Number.isInteger(count) && count >= 0) return count;
  throw new CodedError('MalformedObject', `spec.${key} is no count of replicas; write it as Kubernetes' API has it`);
}
