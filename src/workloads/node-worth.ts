import type { Node } from '../domain/fleet/node.ts';
import type { Pod } from '../domain/fleet/pod.ts';
import { NANOS_PER_UNIT } from '../domain/resources/quantity.ts';
import type { Resources } from '../domain/resources/resource-list.ts';

/** A label selector and what a node that it matches is worth once it is free. */
export interface NodeWeight {
  readonly selector: Readonly<Record<string, string>>;
  readonly weight: number;
}

/** A label selector and how many of the nodes that it matches are to stay free. */
export interface WarmNodeCount {
  readonly selector: Readonly<Record<string, string>>;
  readonly count: number;
}

/** What a node without GPUs is worth: little, but enough that CPU workloads free whole nodes too. */
const WITHOUT_GPUS = 1 / 16;

/** What a node is worth once it is free: the weight of the first selector that it matches, or else its GPUs. */
export function nodeValue(node: Node, weights: readonly NodeWeight[]): number {
  const matching = weights.find(({ selector }) => matches(node, selector));
  return matching?.weight ?? (gpusOf(node) || WITHOUT_GPUS);
}

/** GPUs of a node, whatever the vendor: its extended resources named `…/gpu`. */
export function gpusOf({ allocatable }: Node): number {
  return gpusIn(allocatable);
}

/** GPUs that a pod requests, whatever the vendor. */
export function gpusRequestedBy({ requests }: Pod): number {
  return gpusIn(requests);
}

/** Extended resources come in whole numbers only. */
function gpusIn(resources: Resources): number {
  const counts = [...resources]
    .filter(([name]) => name.endsWith('/gpu'))
    .map(([, quantity]) => Number(quantity / NANOS_PER_UNIT));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Whether a node has every label of a selector. */
export function matches(node: Node, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([label, value]) => node.labels[label] === value);
}
