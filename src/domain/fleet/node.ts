import type { Resources } from '../resources/resource-list.ts';
import type { Taint } from './taint.ts';

/** The few fields of a Kubernetes Node that decisions read. */
export interface Node {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Resources;
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
}

/** Taints of a node that is dead, or that somebody is about to remove: nothing new comes to it. */
const LEAVING = new Set([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/out-of-service',
  'ToBeDeletedByClusterAutoscaler',
  'karpenter.sh/disrupted',
]);

/**
 * Whether pods may still come to a node, as far as that does not depend on the pod: it is neither cordoned nor leaving.
 */
export function isOpen({ unschedulable, taints }: Node): boolean {
  return !unschedulable && !taints.some(({ key }) => LEAVING.has(key));
}

/** A node and what is used of it. */
export interface LoadedNode {
  readonly name: string;
  readonly allocatable: Resources;
  readonly used: Resources;
}
