import { namespacedName } from '../fleet/namespaced-name.ts';
import { type Pod, staysOnFreeNode } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import type { ConsolidationProblem, Member } from '../planner/problem.ts';
import { dividedEvenly } from '../planner/spread.ts';
import type { Steps } from '../steps.ts';
import { constrain } from './constraints.ts';
import { byPolicy, type SelectionOptions } from './policies.ts';
import { type Candidate, type Pool, writtenCosts } from './pool.ts';
import { nodesOf, warm } from './selection-problem.ts';
import { spreadsOf } from './spread.ts';

/** How many nodes are looked at between two pauses. */
const NODES_AT_ONCE = 64;

/** A node that pods are to leave. */
interface Leaving {
  /** Its number, from 0 on in the order of discovery; null while no member is on it. */
  number: number | null;
  /** How many pods that keep it busy now may leave, or will. */
  pods: number;
}

/**
 * What the workloads of a whole fleet may lose, as one problem, in a fraction of the memory that their pools take
 * together: these are read one after another, and of each only numbers are kept.
 */
export class FleetProblem {
  readonly #snapshot: Snapshot;
  readonly #options: SelectionOptions;
  readonly #nodes = new Map<string, Leaving>();
  readonly #members: Member[] = [];
  readonly #budgets: number[] = [];
  /** Pods that a scale-down has marked, as far as a pool has them: that decides about these. */
  readonly #decided = new Set<string>();
  #numbers = 0;

  constructor(snapshot: Snapshot, options: SelectionOptions) {
    this.#snapshot = snapshot;
    this.#options = options;
  }

  /** Adds the pools of one workload. */
  add(pools: readonly Pool[]): void {
    const gone: Candidate[] = [];
    const free: Candidate[] = [];
    const members: Member[] = [];
    const budgets: number[] = [];
    for (const pool of pools) {
      const constraints = constrain(pool, writtenCosts);
      const preferred = byPolicy(pool, constraints, this.#options);
      gone.push(...constraints.committed, ...constraints.forced, ...(preferred ?? []));
      if (preferred === null) {
        free.push(...constraints.free);
        members.push(...constraints.free.map((candidate) => this.#memberOf(candidate, budgets.length)));
      }
      budgets.push(preferred === null ? constraints.choose : 0);
      for (const pod of pool.candidates.flatMap(({ pods }) => pods))
        if (this.#options.isPending(pod)) this.#decided.add(namespacedName(pod));
    }
    for (const { pods } of [...gone, ...free]) for (const pod of pods) this.#leaves(pod);
    const spreads = spreadsOf(free, gone, this.#snapshot);
    const own = { nodeValues: [], members, budgets, ...(spreads.length > 0 && { spreads }) };
    const divided = dividedEvenly(own);
    const first = this.#budgets.length;
    this.#budgets.push(...divided.budgets);
    for (const member of divided.members) this.#members.push({ ...member, pool: first + member.pool });
  }

  /** The problem of all of them, and the names of its nodes. */
  *close(): Steps<{ readonly problem: ConsolidationProblem; readonly nodes: readonly string[] }> {
    yield;
    const held = [...this.#nodes].flatMap(([name, { number }]) => (number === null ? [] : [{ name, number }]));
    const sorted = held.sort((a, b) => (a.name < b.name ? -1 : 1));
    const places = new Int32Array(this.#numbers);
    const nodeValues: number[] = [];
    for (const [place, { name, number }] of sorted.entries()) {
      if (place % NODES_AT_ONCE === 0) yield;
      places[number] = place;
      nodeValues.push(this.#valueOf(name));
    }
    const nodes = sorted.map(({ name }) => name);
    const placeOf = new Map(nodes.map((name, place) => [name, place]));
    yield;
    const problem = {
      ...warm(nodes, this.#snapshot, this.#options.warmNodes),
      nodeValues,
      budgets: this.#budgets,
      members: this.#members.map((member) => ({ ...member, nodes: member.nodes.map((number) => places[number] ?? 0) })),
      warmStart: this.#options.targetSet.flatMap((name) => placeOf.get(name) ?? []),
    };
    return { problem, nodes };
  }

  #memberOf(candidate: Candidate, pool: number): Member {
    const keep = candidate.pods.reduce((sum, pod) => sum + pod.keep, 0);
    return { pool, nodes: nodesOf(candidate).map((name) => this.#numberOf(name)), keep, ordinal: candidate.ordinal };
  }

  #numberOf(name: string): number {
    const node = this.#node(name);
    node.number ??= this.#numbers++;
    return node.number;
  }

  #leaves(pod: Pod): void {
    if (pod.node !== null && isBusy(pod)) this.#node(pod.node).pods += 1;
  }

  /** What a node is worth if all its pods may leave; 0 if not. */
  #valueOf(name: string): number {
    const node = this.#snapshot.node(name);
    if (node === undefined) return 0;
    const busy = this.#snapshot.podsOnNode(name).filter(isBusy);
    // A victim of another scale-down that was admitted is as good as gone.
    const goesAnyway = (pod: Pod) => this.#options.isPending(pod) && !this.#decided.has(namespacedName(pod));
    const staying = busy.filter((pod) => !goesAnyway(pod)).length - this.#node(name).pods;
    return staying > 0 ? 0 : this.#options.valueOf(node);
  }

  #node(name: string): Leaving {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const node = { number: null, pods: 0 };
    this.#nodes.set(name, node);
    return node;
  }
}

function isBusy(pod: Pod): boolean {
  return !staysOnFreeNode(pod) && !pod.deleting;
}
