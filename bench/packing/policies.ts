import { type PodShape, WHOLE } from './openb.ts';
import { type Amounts, requestsOf, type SimulatedNode } from './simulated-node.ts';
import type { Policy } from './simulation.ts';

/** Weights by resource; one that is missing does not count. */
export type Weights = Partial<Record<keyof Amounts, number>>;

/** A policy that scores one node at a time. */
export function byNode(name: string, score: (pod: PodShape, node: SimulatedNode) => number): Policy {
  return { name, begin: () => ({ scores: (pod, nodes) => nodes.map((node) => score(pod, node)) }) };
}

export const RANDOM = byNode('random', () => 0);

/** The best fit that FGD was compared with: what would be left of CPUs and GPUs, of what the largest nodes have. */
export const BEST_FIT = byNode('best fit', (pod, { capacity, used }) => {
  const requested = requestsOf(pod);
  const left = (resource: 'cpu' | 'gpu', most: number) =>
    (capacity[resource] - used[resource] - requested[resource]) / most;
  return Math.trunc(100 * (1 - (left('cpu', 128_000) + left('gpu', 8 * WHOLE)) / 2));
});

/**
 * kube-scheduler's NodeResourcesFit with the strategy LeastAllocated or MostAllocated
 * (`noderesources/{least,most}_allocated.go`).
 */
export function fitScore(strategy: 'LeastAllocated' | 'MostAllocated', weights: Weights) {
  return (pod: PodShape, { capacity, used }: SimulatedNode): number => {
    const requested = requestsOf(pod);
    let [sum, divisor] = [0, 0];
    for (const [resource, weight] of entries(weights)) {
      // An extended resource counts only for pods that request it.
      if (capacity[resource] === 0 || (resource === 'gpu' && requested.gpu === 0)) continue;
      const load = used[resource] + requested[resource];
      const counted = strategy === 'MostAllocated' ? load : capacity[resource] - load;
      sum += weight * Math.trunc((100 * counted) / capacity[resource]);
      divisor += weight;
    }
    return divisor === 0 ? 0 : Math.trunc(sum / divisor);
  };
}

/**
 * kube-scheduler's NodeResourcesBalancedAllocation of CPUs and memory (`noderesources/balanced_allocation.go`, since
 * 1.34).
 */
export function balanceScore(pod: PodShape, { capacity, used }: SimulatedNode): number {
  const requested = requestsOf(pod);
  const balance = (cpu: number, memory: number) =>
    Math.trunc(100 * (1 - Math.abs(cpu / capacity.cpu - memory / capacity.memory) / 2));
  const gained = balance(used.cpu + requested.cpu, used.memory + requested.memory) - balance(used.cpu, used.memory);
  return 50 + Math.trunc((50 + gained) / 2);
}

/** Volcano's binpack (`pkg/scheduler/plugins/binpack/binpack.go`). */
export function binpackScore(weights: Weights) {
  return (pod: PodShape, { capacity, used }: SimulatedNode): number => {
    const requested = requestsOf(pod);
    let [sum, divisor] = [0, 0];
    for (const [resource, weight] of entries(weights)) {
      if (requested[resource] === 0) continue;
      divisor += weight;
      sum += (weight * (used[resource] + requested[resource])) / capacity[resource];
    }
    return divisor === 0 ? 0 : (100 * sum) / divisor;
  };
}

function entries({ cpu = 0, memory = 0, gpu = 0 }: Weights): readonly (readonly [keyof Amounts, number])[] {
  return [
    ['cpu', cpu],
    ['memory', memory],
    ['gpu', gpu],
  ];
}
