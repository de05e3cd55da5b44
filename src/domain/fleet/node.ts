import type { Resources } from '../resources/resource-list.ts';

/** The few fields of a Kubernetes Node that decisions read. */
export interface Node {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Resources;
  readonly unschedulable: boolean;
}
