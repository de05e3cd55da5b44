import type { Revision } from '../../domain/fleet/revision.ts';
import { countOr, isObject, type JsonObject, objectAt, textOf, timeOf } from '../core/json.ts';
import { readMetadata } from '../core/metadata.ts';
import { NAME } from './labels.ts';

/**
 * Reads a ControllerRevision in which Kthena keeps the roles of a ModelServing, `{"data": {"data": [role, …]}}`, counts
 * included; null for anybody else's, and for a form that does not hold them.
 */
export function readControllerRevision(object: JsonObject): Revision | null {
  const { namespace, name, labels, controller } = readMetadata(object);
  const { data } = objectAt(object, 'data');
  if (labels[NAME] === undefined || controller?.kind !== 'ModelServing' || !Array.isArray(data)) return null;
  const roles = data.filter(isObject).map((role) => ({
    name: textOf(role.name) ?? '',
    replicas: countOr(role.replicas, 1),
    workers: countOr(role.workerReplicas, 0),
  }));
  const created = timeOf(objectAt(object, 'metadata').creationTimestamp) ?? 0;
  return { namespace, name, owner: controller.uid, created, roles };
}
