import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type BinpackWeights, binpackScore } from '../domain/score/binpack.ts';
import { drainingNodes } from '../workloads/draining.ts';
import { readExtenderArgs } from './extender-args.ts';

/** extenderv1.MaxExtenderPriority: what the scheduler scales to its own 0..100. */
const MAX_PRIORITY = 10;

/** One entry of extenderv1.HostPriorityList. */
export interface HostPriority {
  readonly Host: string;
  readonly Score: number;
}

/**
 * Answers prioritize with binpack scores from 0 to 10: the fuller the node with the pod on it, the higher. Nodes that
 * a scale-down is freeing, and nodes that packdown does not know, score 0.
 */
export function prioritize(body: unknown, snapshot: Snapshot, weights: BinpackWeights): readonly HostPriority[] {
  const { pod, nodes } = readExtenderArgs(body, snapshot);
  const isDraining = drainingNodes(snapshot);
  return nodes.map(({ name, node }) => {
    if (node === undefined || isDraining(name)) return { Host: name, Score: 0 };
    const score = binpackScore(pod.requests, snapshot.usedOn(name), node.allocatable, weights);
    return { Host: name, Score: Math.round((score * MAX_PRIORITY) / (100 * weights.weight)) };
  });
}
