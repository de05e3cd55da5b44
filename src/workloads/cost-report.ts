import { namespacedName } from '../domain/fleet/namespaced-name.ts';
import { costOwnership } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';

/** One entry of GET /costs. */
export interface CostReport {
  readonly pod: string;
  readonly node: string | null;
  readonly cost: string | null;
  readonly owner: 'packdown' | 'other' | null;
}

/** Every pod's cost as the fleet has it now, by name. */
export function reportCosts(snapshot: Snapshot): readonly CostReport[] {
  return [...snapshot.pods()]
    .map((pod): CostReport => {
      const owner = costOwnership(pod);
      return { pod: namespacedName(pod), node: pod.node, cost: pod.cost, owner: owner === 'none' ? null : owner };
    })
    .sort((a, b) => (a.pod < b.pod ? -1 : 1));
}
