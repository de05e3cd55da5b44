import { costOwnership, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { subtractResources } from '../domain/resources/resource-list.ts';
import { type BinpackWeights, binpackScore, nearestWhole } from '../domain/score/binpack.ts';
import { costReaderOf } from './cost-readers.ts';

/** Where costs are written, and by what weights. */
export interface CostSettings {
  readonly binpack: BinpackWeights;
  /** Whether costs are written for a workload. */
  isSteered(workload: Workload, snapshot: Snapshot): boolean;
}

/**
 * The binpack cost that a pod gets together with its node. Null where none is due: its controller reads no costs or is
 * not steered, the node is unknown, the pod carries a cost that is not ours, or it is marked to go: its cost says so.
 */
export function bindingCost(
  pod: Pod,
  nodeName: string,
  snapshot: Snapshot,
  { binpack, isSteered }: CostSettings,
): string | null {
  const reader = costReaderOf(pod, snapshot);
  const node = snapshot.node(nodeName);
  if (reader === undefined || node === undefined || !isSteered(reader, snapshot)) return null;
  if (costOwnership(pod) === 'other' || pod.victim !== null) return null;
  const used = snapshot.usedOn(nodeName);
  const isCounted = pod.node === nodeName && snapshot.pod(pod.namespace, pod.name) !== undefined;
  const others = isCounted ? subtractResources(used, pod.requests) : used;
  return String(nearestWhole(binpackScore(pod.requests, others, node.allocatable, binpack)));
}
