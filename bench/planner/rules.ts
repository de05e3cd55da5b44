import { Random } from '../../src/domain/planner/random.ts';
import { mean } from '../statistics.ts';
import type { Fleet } from './random-fleet.ts';

/** A way to choose members without coordination; gives the members that go. */
export type Rule = (fleet: Fleet, seed: number) => readonly number[];

const ZONES = 3;

/** What the planner is compared with. Each takes exactly the budgets. */
export const RULES: Readonly<Record<string, Rule>> = {
  random: (fleet, seed) => {
    const random = new Random(seed);
    return lowestFirst(fleet, () => random.next());
  },
  'highest ordinal': (fleet) => lowestFirst(fleet, (member) => -(fleet.problem.members[member]?.ordinal ?? 0)),
  // A ReplicaSet deletes first where more pods of its own are on the node; ages differ by less than their power of two.
  'ReplicaSet-like': (fleet) => {
    const own = new Map<string, number>();
    const key = (member: number, node: number) => `${fleet.problem.members[member]?.pool}/${node}`;
    for (const [member, nodes] of fleet.podNodes.entries())
      for (const node of nodes) own.set(key(member, node), (own.get(key(member, node)) ?? 0) + 1);
    return lowestFirst(fleet, (member) => -mean(podsOf(fleet, member).map((node) => own.get(key(member, node)) ?? 0)));
  },
  // Karpenter's PodDeletionCostManagement ranks nodes by their number of pods, the fewest first; a group sums the
  // ranks.
  'Karpenter, summed': (fleet) => {
    const pods = fleet.problem.nodeValues.map(() => 0);
    for (const nodes of fleet.podNodes) for (const node of nodes) pods[node] = (pods[node] ?? 0) + 1;
    return lowestFirst(fleet, rankSum(fleet, pods));
  },
  // Koordinator's ScaleDownBinPack empties the nodes of which least is in use first; a group sums the ranks.
  'Koordinator, summed': (fleet) => {
    const used = fleet.problem.nodeValues.map(() => 0);
    for (const [member, nodes] of fleet.podNodes.entries())
      for (const [pod, node] of nodes.entries()) used[node] = (used[node] ?? 0) + (fleet.podGpus[member]?.[pod] ?? 0);
    return lowestFirst(fleet, rankSum(fleet, used));
  },
  // lablabs' controller keeps zones even: what is in the zone with the most of its workload goes first.
  'zone spread': (fleet) => {
    const zoneOf = (member: number) => (podsOf(fleet, member)[0] ?? 0) % ZONES;
    const sizes = new Map<string, number>();
    const costs = fleet.problem.members.map(({ pool }, member) => {
      const key = `${pool}/${zoneOf(member)}`;
      sizes.set(key, (sizes.get(key) ?? 0) + 1);
      return -(sizes.get(key) ?? 0);
    });
    return lowestFirst(fleet, (member) => costs[member] ?? 0);
  },
  'naive greedy': (fleet) => lowestFirst(fleet, () => 0, clearCheapest(fleet)),
};

/** The sum of the ranks of a member's nodes, the lowest load first. */
function rankSum(fleet: Fleet, loads: readonly number[]): (member: number) => number {
  const order = [...loads.entries()].sort(([i, a], [j, b]) => a - b || i - j);
  const ranks = new Map(order.map(([node], rank) => [node, rank]));
  return (member) => sum(podsOf(fleet, member).map((node) => ranks.get(node) ?? 0));
}

/** Frees the node with the fewest members for its value that the budgets allow, again and again. */
function clearCheapest({ problem: { nodeValues, members, budgets } }: Fleet): Set<number> {
  const left = [...budgets];
  const removed = new Set<number>();
  const holders: number[][] = nodeValues.map(() => []);
  for (const [index, { nodes }] of members.entries()) for (const node of nodes) holders[node]?.push(index);
  const poolOf = (member: number) => members[member]?.pool ?? -1;
  for (;;) {
    let best: readonly number[] = [];
    let least = Number.POSITIVE_INFINITY;
    for (const [node, value] of nodeValues.entries()) {
      const here = (holders[node] ?? []).filter((member) => !removed.has(member));
      if (here.length === 0 || here.length / value >= least) continue;
      const needed = (pool: number) => here.filter((member) => poolOf(member) === pool).length;
      if (here.some((member) => needed(poolOf(member)) > (left[poolOf(member)] ?? 0))) continue;
      best = here;
      least = here.length / value;
    }
    if (best.length === 0) return removed;
    for (const member of best) {
      removed.add(member);
      left[poolOf(member)] = (left[poolOf(member)] ?? 0) - 1;
    }
  }
}

/** What is left of every budget after `removed`, by the lowest cost; the higher ordinal where costs are equal. */
function lowestFirst(fleet: Fleet, costOf: (member: number) => number, removed = new Set<number>()): readonly number[] {
  const { members, budgets } = fleet.problem;
  const left = [...budgets];
  for (const member of removed) {
    const pool = members[member]?.pool ?? -1;
    left[pool] = (left[pool] ?? 0) - 1;
  }
  const costs = members.map((_, member) => costOf(member));
  const order = [...members.keys()].sort(
    (a, b) => (costs[a] ?? 0) - (costs[b] ?? 0) || (members[b]?.ordinal ?? 0) - (members[a]?.ordinal ?? 0),
  );
  for (const member of order) {
    const pool = members[member]?.pool ?? -1;
    if (removed.has(member) || (left[pool] ?? 0) <= 0) continue;
    removed.add(member);
    left[pool] = (left[pool] ?? 0) - 1;
  }
  return [...removed];
}

/** The value of the nodes that become free, and how many they are. */
export function outcome({ problem }: Fleet, removed: readonly number[]): { value: number; nodes: number } {
  const gone = new Set(removed);
  const held = new Set(problem.members.flatMap(({ nodes }) => nodes));
  for (const [index, { nodes }] of problem.members.entries())
    if (!gone.has(index)) for (const node of nodes) held.delete(node);
  return { value: sum([...held].map((node) => problem.nodeValues[node] ?? 0)), nodes: held.size };
}

function podsOf({ podNodes }: Fleet, member: number): readonly number[] {
  return podNodes[member] ?? [];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
