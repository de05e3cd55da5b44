import type { Node } from '../../domain/fleet/node.ts';
import { parseResources } from '../../domain/resources/resource-list.ts';
import { type JsonObject, objectAt } from './json.ts';
import { readMetadata } from './metadata.ts';
import { quantitiesOf } from './quantities.ts';

/** Reads a Kubernetes Node. Throws QuantityError for an allocatable amount that is no quantity. */
export function readNode(object: JsonObject): Node {
  const { name, labels } = readMetadata(object);
  const status = objectAt(object, 'status');
  const allocatable = objectAt(status, 'allocatable');
  return {
    name,
    labels,
    allocatable: parseResources(
      quantitiesOf(Object.keys(allocatable).length > 0 ? allocatable : objectAt(status, 'capacity')),
    ),
    unschedulable: objectAt(object, 'spec').unschedulable === true,
  };
}
