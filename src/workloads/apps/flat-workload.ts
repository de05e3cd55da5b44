import type { Workload } from '../../domain/fleet/workload.ts';
import { countOf, type JsonObject, objectAt } from '../core/json.ts';
import { readMetadata } from '../core/metadata.ts';

/** Reads a Deployment, ReplicaSet or StatefulSet of apps/v1: one count of pods, 1 where it is left out. */
export function readFlatWorkload(kind: string, object: JsonObject): Workload {
  const { namespace, name, uid, annotations, controller } = readMetadata(object);
  const spec = objectAt(object, 'spec');
  return {
    group: 'apps',
    kind,
    namespace,
    name,
    uid,
    annotations,
    owner: controller,
    replicas: countOf(spec.replicas, 1),
    firstOrdinal: countOf(objectAt(spec, 'ordinals').start, 0),
    roles: [],
    partition: null,
    gangMinimum: null,
  };
}
