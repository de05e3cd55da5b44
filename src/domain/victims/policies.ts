import type { Node } from '../fleet/node.ts';
import { isFinished, type Pod, podKey, staysOnFreeNode } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import type { Workload } from '../fleet/workload.ts';
import type { ConsolidationProblem } from '../planner/problem.ts';
import { sumScores } from '../score/pod-score.ts';
import type { Constraints } from './constraints.ts';
import type { Candidate, Pool } from './pool.ts';

export const POLICIES = ['consolidate', 'binpack', 'ordinal'] as const;
export type Policy = (typeof POLICIES)[number];

export interface SelectionOptions {
  policyOf(workload: Workload): Policy;
  /** The binpack cost of a pod on its node. */
  scoreOf(pod: Pod): number;
  /** What a node is worth once it is free. */
  valueOf(node: Node): number;
  /** Whether a scale-down that was admitted takes this pod, which no controller may have begun to delete. */
  isPending(pod: Pod): boolean;
  /** Nodes to free that are known already, by name, the most wanted first. */
  readonly targetSet: readonly string[];
  /** Kinds of nodes of which some are to stay free. */
  readonly warmNodes?: readonly WarmNodes[];
}

/** How many nodes of a kind are to stay free for what comes next. */
export interface WarmNodes {
  includes(node: Node): boolean;
  readonly count: number;
}

type Settled = readonly (readonly [Pool, Constraints])[];
type Chosen = ReadonlyMap<Pool, readonly Candidate[]>;

/** What is chosen already, and what the planner has still to choose, pools under `consolidate` together. */
export interface OpenSelection {
  /** Per pool, in the order in which they should go: what the constraints force, then what its own policy prefers. */
  readonly chosen: Chosen;
  readonly problem: ConsolidationProblem;
  /** The names of the problem's nodes. */
  readonly nodes: readonly string[];
  /** The members of the problem. */
  readonly members: readonly { readonly pool: Pool; readonly candidate: Candidate }[];
}

/** Chooses the members that go as far as no planner is needed. */
export function openSelection(settled: Settled, snapshot: Snapshot, options: SelectionOptions): OpenSelection {
  const chosen = new Map<Pool, readonly Candidate[]>();
  const together: [Pool, Constraints][] = [];
  for (const [pool, constraints] of settled) {
    const policy = options.policyOf(pool.request.workload);
    chosen.set(pool, constraints.forced);
    switch (policy) {
      case 'binpack':
        chosen.set(pool, [...constraints.forced, ...byScore(constraints, options)]);
        break;
      case 'ordinal':
        chosen.set(pool, [...constraints.forced, ...byOrdinal(constraints)]);
        break;
      case 'consolidate':
        together.push([pool, constraints]);
        break;
      default:
        policy satisfies never;
    }
  }
  return { chosen, ...compile(together, settled, chosen, snapshot, options) };
}

/** The members that go, per pool, once the planner has removed some of the problem's. */
export function closeSelection({ chosen, members }: OpenSelection, removed: readonly number[]): Chosen {
  const all = new Map(chosen);
  for (const index of removed) {
    const entry = members[index];
    if (entry !== undefined) all.set(entry.pool, [...(all.get(entry.pool) ?? []), entry.candidate]);
  }
  return all;
}

/** Lowest score first, as Kthena's binpack proposal has it; ties by the higher ordinal. */
function byScore({ free, choose }: Constraints, { scoreOf }: SelectionOptions): readonly Candidate[] {
  const scores = new Map(free.map((candidate) => [candidate, sumScores(candidate.pods, scoreOf)]));
  const score = (candidate: Candidate) => scores.get(candidate) ?? 0;
  return [...free].sort((a, b) => score(a) - score(b) || b.ordinal - a.ordinal).slice(0, choose);
}

function byOrdinal({ free, choose }: Constraints): readonly Candidate[] {
  return [...free].sort((a, b) => b.ordinal - a.ordinal).slice(0, choose);
}

/** Numbers nodes by name and candidates by pool, and finds which nodes can become free at all. */
function compile(
  together: readonly [Pool, Constraints][],
  settled: Settled,
  chosen: Chosen,
  snapshot: Snapshot,
  options: SelectionOptions,
): Omit<OpenSelection, 'chosen'> {
  const members = together.flatMap(([pool, { free }]) => free.map((candidate) => ({ pool, candidate })));
  const leaving = new Set<string>();
  for (const [pool, { committed }] of settled) {
    for (const candidate of [...committed, ...(chosen.get(pool) ?? [])])
      for (const pod of candidate.pods) leaving.add(podKey(pod));
  }
  const movable = new Set(members.flatMap(({ candidate }) => candidate.pods.map(podKey)));
  const staying = new Set(settled.flatMap(([pool]) => pool.candidates.flatMap(({ pods }) => pods.map(podKey))));
  const blocks = (pod: Pod) => {
    if (staysOnFreeNode(pod) || pod.deleting) return false;
    const key = podKey(pod);
    if (leaving.has(key) || movable.has(key)) return false;
    // A victim of another scale-down that was admitted is as good as gone; one of these pools that was not chosen stays.
    return staying.has(key) || !options.isPending(pod);
  };

  const holds = (pod: Pod) => !isFinished(pod) && !pod.deleting;
  const names = [
    ...new Set(members.flatMap(({ candidate }) => candidate.pods.filter(holds).flatMap((pod) => pod.node ?? []))),
  ].sort();
  const numbers = new Map(names.map((name, index) => [name, index]));
  const pools = new Map(together.map(([pool], index) => [pool, index]));
  return {
    members,
    nodes: names,
    problem: {
      ...warm(names, snapshot, options.warmNodes ?? []),
      warmStart: options.targetSet.flatMap((name) => numbers.get(name) ?? []),
      budgets: together.map(([, { choose }]) => choose),
      nodeValues: names.map((name) => {
        const node = snapshot.node(name);
        return node === undefined || snapshot.podsOnNode(name).some(blocks) ? 0 : options.valueOf(node);
      }),
      members: members.map(({ pool, candidate }) => ({
        pool: pools.get(pool) ?? 0,
        nodes: [...new Set(candidate.pods.filter(holds).flatMap((pod) => numbers.get(pod.node ?? '') ?? []))],
        keep: candidate.pods.reduce((sum, pod) => sum + pod.keep, 0),
        ordinal: candidate.ordinal,
      })),
    },
  };
}

/** What the nodes of the problem have to make up for, each in the first class that includes it; nothing if nothing is missing. */
function warm(
  names: readonly string[],
  snapshot: Snapshot,
  kinds: readonly WarmNodes[],
): Pick<ConsolidationProblem, 'warm'> {
  const classOf = (node: Node | undefined) => kinds.find((kind) => node !== undefined && kind.includes(node));
  const classes = kinds.map((kind) => {
    const isFree = (node: Node) => !node.unschedulable && snapshot.podsOnNode(node.name).every(staysOnFreeNode);
    const free = [...snapshot.nodes()].filter((node) => classOf(node) === kind && isFree(node)).length;
    const nodes = [...names.entries()]
      .filter(([, name]) => classOf(snapshot.node(name)) === kind)
      .map(([node]) => node);
    return { nodes, missing: kind.count - free };
  });
  const missed = classes.filter(({ missing }) => missing > 0);
  return missed.length === 0 ? {} : { warm: missed };
}
