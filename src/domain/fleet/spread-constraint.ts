import type { Selector } from './label-selector.ts';

/**
 * A topologySpreadConstraint of a pod that nothing may break, `whenUnsatisfiable: DoNotSchedule`: its pods are spread
 * over the domains that the values of a node label make.
 */
export interface SpreadConstraint {
  readonly topologyKey: string;
  /** How many more pods a domain may hold than any other. */
  readonly maxSkew: number;
  /** With fewer domains than these, another one is taken to hold none. */
  readonly minDomains: number;
  /** The pods of its namespace that count; null for none. */
  readonly counted: Selector | null;
  /**
   * The nodes whose domains count, those that one of these selects: the pod's node selector and required node affinity.
   */
  readonly nodes: readonly Selector[];
}
