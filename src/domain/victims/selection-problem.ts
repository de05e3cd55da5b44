import type { Node } from '../fleet/node.ts';
import { isFinished, type Pod, podKey, staysOnFreeNode } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import type { ConsolidationProblem } from '../planner/problem.ts';
import type { Constraints } from './constraints.ts';
import type { Candidate, Pool } from './pool.ts';
import { Bystanders, type Prospect } from './prospect.ts';

export interface ProblemOptions {
  /** What a node is worth once it is free. */
  valueOf(node: Node): number;
  /** Whether a scale-down that was admitted takes this pod, which no controller may have begun to delete. */
  isPending(pod: Pod): boolean;
  /** Nodes to free that are known already, by name, the most wanted first. */
  readonly targetSet: readonly string[];
  /** Kinds of nodes of which some are to stay free. */
  readonly warmNodes?: readonly WarmNodes[];
  /** What is to come after this choice; without it, the choice frees what can be free now. */
  readonly prospect?: Prospect;
}

/** How many nodes of a kind are to stay free for what comes next. */
export interface WarmNodes {
  includes(node: Node): boolean;
  readonly count: number;
}

export type Settled = readonly (readonly [Pool, Constraints])[];

/** What the planner has to choose, pools under `consolidate` together. */
export interface OpenProblem {
  readonly problem: ConsolidationProblem;
  /** The names of the problem's nodes. */
  readonly nodes: readonly string[];
  /** Who may be chosen: the first members of the problem. Those after them only keep nodes busy, for now. */
  readonly members: readonly { readonly pool: Pool; readonly candidate: Candidate }[];
}

/** Numbers nodes by name and candidates by pool, and finds which nodes can become free at all. */
export function compile(
  together: readonly [Pool, Constraints][],
  settled: Settled,
  chosen: ReadonlyMap<Pool, readonly Candidate[]>,
  snapshot: Snapshot,
  options: ProblemOptions,
): OpenProblem {
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
  const nodesOf = (pods: readonly Pod[]) => [...new Set(pods.filter(holds).flatMap(({ node }) => node ?? []))];
  const names = [...new Set(members.flatMap(({ candidate }) => nodesOf(candidate.pods)))].sort();
  const numbers = new Map(names.map((name, index) => [name, index]));
  const pools = new Map(together.map(([pool], index) => [pool, index]));
  const warmStart = options.targetSet.flatMap((name) => numbers.get(name) ?? []);
  // Where nothing that is wanted is within reach, there is nothing to wait for.
  const prospect = warmStart.length > 0 ? options.prospect : undefined;
  const bystanders = new Bystanders();
  const worthOf = (name: string, number: number) => {
    const node = snapshot.node(name);
    const busy = snapshot.podsOnNode(name).filter(blocks);
    const later = busy.flatMap((pod) => (staying.has(podKey(pod)) ? [] : (prospect?.leavesWith(pod) ?? [])));
    if (node === undefined || later.length < busy.length) return 0;
    bystanders.add(number, later);
    return options.valueOf(node);
  };
  const nodeValues = names.map(worthOf);
  const others = bystanders.pools(together.length);
  const sets = nested(options.targetSet).map((part) =>
    part.flatMap((name) => numbers.get(name) ?? []).filter((node) => (nodeValues[node] ?? 0) > 0),
  );
  const outlook = together.map(([pool]) => prospect?.outlookOf(pool) ?? 0);
  return {
    members,
    nodes: names,
    problem: {
      ...warm(names, snapshot, options.warmNodes ?? []),
      warmStart,
      ...(prospect !== undefined &&
        sets.flat().length > 0 && { ahead: { outlook: [...outlook, ...others.outlook], sets } }),
      budgets: [...together.map(([, { choose }]) => choose), ...others.outlook.map(() => 0)],
      nodeValues,
      members: [
        ...members.map(({ pool, candidate }) => ({
          pool: pools.get(pool) ?? 0,
          nodes: nodesOf(candidate.pods).flatMap((name) => numbers.get(name) ?? []),
          keep: candidate.pods.reduce((sum, pod) => sum + pod.keep, 0),
          ordinal: candidate.ordinal,
        })),
        ...others.members,
      ],
    },
  };
}

/** The first quarter of the target set, its first half, and all of it: the most wanted first, as it was published. */
function nested(targetSet: readonly string[]): readonly (readonly string[])[] {
  return [1 / 4, 1 / 2, 1].map((part) => targetSet.slice(0, Math.ceil(targetSet.length * part)));
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
