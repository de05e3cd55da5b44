import { CodedError } from '../coded-error.ts';
import { parseQuantity, type Quantity } from './quantity.ts';

/** Quantities by resource name (`cpu` in cores, `memory` in bytes, `nvidia.com/gpu` in devices), in nano-units. */
export type Resources = ReadonlyMap<string, bigint>;

/** A Kubernetes ResourceList whose texts nobody has read yet. */
export type ResourceList = Readonly<Record<string, string | number>>;

/** Resources of one container or node; few have a dozen. */
const MOST_RESOURCES = 1000;

/**
 * Reads a Kubernetes ResourceList such as `{"cpu": "500m", "memory": "1Gi"}`.
 *
 * @throws {QuantityError} naming the resource
 * @throws CodedError `MalformedObject` for a list that is too long
 */
export function parseResources(record: ResourceList | undefined): Resources {
  checkCount(record);
  return new Map(Object.entries(record ?? {}).map(([name, text]) => [name, parseQuantity(text, name)]));
}

/**
 * Before anything is made of a list of resources, which may take more than the list.
 *
 * @throws CodedError `MalformedObject` for one that is too long
 */
export function checkCount(record: ResourceList | undefined): void {
  const count = Object.keys(record ?? {}).length;
  if (count <= MOST_RESOURCES) return;
  const problem = `a list of resources has ${count} entries`;
  throw new CodedError('MalformedObject', `${problem}; name ${MOST_RESOURCES} at most`);
}

/** The sum, resource by resource. */
export function addResources(...lists: readonly Resources[]): Resources {
  return combine(lists, sum);
}

/** What is left of `from` without `taken`: exact, so negative where more is taken than was there. */
export function subtractResources(from: Resources, taken: Resources): Resources {
  const left = new Map(from);
  for (const [name, quantity] of taken) left.set(name, (left.get(name) ?? 0n) - quantity);
  return left;
}

/** The largest amount of each resource; a list that lacks a resource says nothing about it. */
export function maxResources(...lists: readonly Resources[]): Resources {
  return combine(lists, larger);
}

function combine(lists: readonly Resources[], merge: (a: Quantity, b: Quantity) => Quantity): Resources {
  const combined = new Map<string, Quantity>();
  for (const list of lists) {
    for (const [name, quantity] of list) {
      const before = combined.get(name);
      combined.set(name, before === undefined ? quantity : merge(before, quantity));
    }
  }
  return combined;
}

function sum(a: Quantity, b: Quantity): Quantity {
  return a + b;
}

function larger(a: Quantity, b: Quantity): Quantity {
  return a > b ? a : b;
}
