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

/** A node and what is used of it. */
export interface LoadedNode {
  readonly name: string;
  readonly allocatable: Resources;
  readonly used: Resources;
}
