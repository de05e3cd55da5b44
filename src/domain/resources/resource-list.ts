import { parseQuantity, type Quantity } from './quantity.ts';

/** Quantities by resource name (`cpu` in cores, `memory` in bytes, `nvidia.com/gpu` in devices), in nano-units. */
export type Resources = ReadonlyMap<string, bigint>;

/**
 * Reads a Kubernetes ResourceList such as `{"cpu": "500m", "memory": "1Gi"}`.
 *
 * @throws {QuantityError} naming the resource
 */
export function parseResources(record: Readonly<Record<string, string | number>> | undefined): Resources {
  return new Map(Object.entries(record ?? {}).map(([name, text]) => [name, parseQuantity(text, name)]));
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
