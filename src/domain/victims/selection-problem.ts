import { isOpen, type Node } from '../fleet/node.ts';
import { isActive, type Pod, staysOnFreeNode } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import type { ConsolidationProblem } from '../planner/problem.ts';
import type { Constraints } from './constraints.ts';
import { nodeWorths, occupantsOf } from './occupants.ts';
import type { Candidate, Pool } from './pool.ts';
import type { Prospect } from './prospect.ts';
import { spreadsOf } from './spread.ts';

export interface ProblemOptions {
  /** What a node is worth once it is free. */
  valueOf(node: Node): number;
  /** Whether a scale-down that was admitted takes this pod, which no controller may have begun to delete. */
  isPending(pod: Pod): boolean;
  /** Nodes to free that are known already, by name, the most wanted first. */
  readonly targetSet: readonly string[];
  /** Kinds of nodes of which some are to stay free. */
  readonly warmNodes: readonly WarmNodes[];
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

/** As where a scale-down has marked its victims already. */
const NOTHING_OPEN: OpenProblem = { problem: { nodeValues: [], members: [], budgets: [] }, nodes: [], members: [] };

/** Numbers nodes by name and candidates by pool, and finds which nodes can become free at all. */
export function openProblem(
  together: readonly [Pool, Constraints][],
  settled: Settled,
  chosen: ReadonlyMap<Pool, readonly Candidate[]>,
  snapshot: Snapshot,
  options: ProblemOptions,
): OpenProblem {
  if (together.every(([, { free }]) => free.length === 0)) return NOTHING_OPEN;
  const members = together.flatMap(([pool, { free }], number) =>
    free.map((candidate) => ({ pool, number, candidate, on: nodesOf(candidate) })),
  );
  const candidates = members.map(({ candidate }) => candidate);
  const gone = settled.flatMap(([pool, { committed }]) => [...committed, ...(chosen.get(pool) ?? [])]);
  const names = [...new Set(members.flatMap(({ on }) => on))].sort();
  const numbers = new Map(names.map((name, index) => [name, index]));
  const warmStart = numbersIn(numbers, options.targetSet);
  // Where nothing that is wanted is within reach, there is nothing to wait for.
  const prospect = warmStart.length > 0 ? options.prospect : undefined;
  const occupants = occupantsOf(
    settled.flatMap(([{ candidates }]) => candidates),
    [...gone, ...candidates],
    options.isPending,
  );
  const { values: nodeValues, shared, bystanders } = nodeWorths(names, snapshot, occupants, prospect, options.valueOf);
  const others = bystanders.pools(together.length);
  const own = members.map(({ number, candidate, on }) => ({
    pool: number,
    nodes: numbersIn(numbers, on),
    keep: candidate.pods.reduce((sum, pod) => sum + pod.keep, 0),
    ordinal: candidate.ordinal,
  }));
  const isWorth = (node: number) => (nodeValues[node] ?? 0) > 0;
  const wanted = prospect === undefined ? [] : nested(options.targetSet);
  const sets = wanted.map((part) => numbersIn(numbers, part).filter(isWorth));
  const outlook = [...together.map(([pool]) => prospect?.outlookOf(pool) ?? 0), ...others.outlook];
  const spreads = spreadsOf(candidates, gone, snapshot);
  return {
    members,
    nodes: names,
    problem: {
      ...warm(names, snapshot, options.warmNodes),
      ...(sets.flat().length > 0 && { ahead: { outlook, sets } }),
      ...(spreads.length > 0 && { spreads }),
      warmStart,
      budgets: [...together.map(([, { choose }]) => choose), ...others.outlook.map(() => 0)],
      nodeValues,
      shared,
      members: [...own, ...others.members],
    },
  };
}

/** The numbers of those names that have one, in their order: of a whole target set a workload has a few. */
function numbersIn(numbers: ReadonlyMap<string, number>, names: readonly string[]): readonly number[] {
  const found: number[] = [];
  for (const name of names) {
    const number = numbers.get(name);
    if (number !== undefined) found.push(number);
  }
  return found;
}

/** The nodes that a candidate keeps busy. */
export function nodesOf({ pods }: Candidate): readonly string[] {
  return [...new Set(pods.filter(isActive).flatMap(({ node }) => node ?? []))];
}

/** The first quarter of the target set, its first half, and all of it: the most wanted first, as it was published. */
function nested(targetSet: readonly string[]): readonly (readonly string[])[] {
  return [1 / 4, 1 / 2, 1].map((part) => targetSet.slice(0, Math.ceil(targetSet.length * part)));
}

/**
 * What the nodes of the problem have to make up for, each in the first class that includes it; nothing if nothing is
 * missing.
 */
export function warm(
  names: readonly string[],
  snapshot: Snapshot,
  kinds: readonly WarmNodes[],
): Pick<ConsolidationProblem, 'warm'> {
  const classOf = (node: Node) => kinds.find((kind) => kind.includes(node));
  const classes = kinds.map((kind) => {
    const isOfKind = (node: Node | undefined) => node !== undefined && classOf(node) === kind && isOpen(node);
    const isFree = ({ name }: Node) => snapshot.podsOnNode(name).every(staysOnFreeNode);
    const free = [...snapshot.nodes()].filter((node) => isOfKind(node) && isFree(node)).length;
    const nodes = [...names.entries()].filter(([, name]) => isOfKind(snapshot.node(name))).map(([node]) => node);
    return { nodes, missing: kind.count - free };
  });
  const missed = classes.filter(({ missing }) => missing > 0);
  return missed.length === 0 ? {} : { warm: missed };
}
