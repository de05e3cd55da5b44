import type { Node } from '../../domain/fleet/node.ts';
import type { Taint } from '../../domain/fleet/taint.ts';
import { parseResources } from '../../domain/resources/resource-list.ts';
import { type JsonObject, listAt, objectAt, textOf } from './json.ts';
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
    taints: readTaints(object),
  };
}

/** One list for all nodes that keep no pod off. */
const NO_TAINTS: readonly Taint[] = [];
const EFFECTS = ['NoSchedule', 'NoExecute'];

function readTaints(node: JsonObject): readonly Taint[] {
  const taints = listAt(node, 'spec', 'taints')
    .map(({ key, value, effect }) => ({
      key: textOf(key) ?? '',
      value: textOf(value) ?? '',
      effect: textOf(effect) ?? '',
    }))
    .filter(({ effect }) => EFFECTS.includes(effect));
  return taints.length === 0 ? NO_TAINTS : taints;
}
