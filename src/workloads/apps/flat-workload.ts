import type { Workload } from '../../domain/fleet/workload.ts';
import { readIdentity } from '../core/identity.ts';
import { countOr, type JsonObject, objectAt } from '../core/json.ts';

/** Reads a Deployment, ReplicaSet or StatefulSet of apps/v1: one count of pods, 1 where it is left out. */
export function readFlatWorkload(kind: string, object: JsonObject): Workload {
  const spec = objectAt(object, 'spec');
  return {
    ...readIdentity({ group: 'apps', kind }, object),
    replicas: countOr(spec.replicas, 1),
    firstOrdinal: countOr(objectAt(spec, 'ordinals').start, 0),
  };
}
