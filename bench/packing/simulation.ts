import { Random } from '../../src/domain/planner/random.ts';
import { shuffle } from '../planner/random-fleet.ts';
import { openbNodes, type PodShape, type Trace } from './openb.ts';
import { requestsOf, SimulatedNode } from './simulated-node.ts';

/** How a scheduler chooses among the nodes with room: the highest score, and one of the equally good at random. */
export interface Policy {
  readonly name: string;
  /** Begins with empty nodes. */
  begin(nodes: readonly SimulatedNode[]): Scorer;
}

export interface Scorer {
  /**
   * A score for each of the nodes, all of which have room; it depends on nothing but the pod's shape and what is on the
   * node.
   */
  scores(pod: PodShape, nodes: readonly SimulatedNode[]): readonly number[];
  placed?(pod: PodShape, node: SimulatedNode): void;
}

/** How full the cluster was asked to be, as a share of its GPUs, when its free nodes were counted. */
export const LOADS = [0.25, 0.5, 0.75] as const;
/** How many GPUs pods ask for in all, as a share of those there are: as in FGD's evaluation. */
const DEMAND = 1.3;

export interface Outcome {
  /** The share of all GPUs that pods hold in the end. */
  readonly allocated: number;
  /** How many nodes had no pod, at each of `LOADS`. */
  readonly free: readonly number[];
  /** And how many GPUs these nodes have. */
  readonly freeGpus: readonly number[];
}

/**
 * Pods of a trace arrive one by one in random order until together they have asked for 130 % of the GPUs, and never
 * leave. One that no node has room for is turned away.
 */
export function simulate(trace: Trace, policy: Policy, seed: number): Outcome {
  const random = new Random(seed);
  const nodes = openbNodes().map((shape, index) => new SimulatedNode(`node-${index}`, shape));
  const total = nodes.reduce((sum, { capacity }) => sum + capacity.gpu, 0);
  const scorer = policy.begin(nodes);
  const scoreboard = new Scoreboard(scorer, nodes);
  const free: SimulatedNode[][] = [];
  let asked = 0;
  for (const pod of arrivals(trace, total * DEMAND, random)) {
    const node = scoreboard.best(pod, random);
    node?.place(pod);
    if (node !== undefined) scorer.placed?.(pod, node);
    asked += requestsOf(pod).gpu;
    const load = LOADS[free.length];
    if (load !== undefined && asked >= load * total) free.push(nodes.filter(({ pods }) => pods === 0));
  }
  return {
    allocated: nodes.reduce((sum, { used }) => sum + used.gpu, 0) / total,
    free: free.map(({ length }) => length),
    freeGpus: free.map((nodes) => nodes.reduce((sum, { devices }) => sum + devices.length, 0)),
  };
}

/** All pods of a trace, with others drawn from it or without some, so that they ask for so many thousandths of GPUs. */
function arrivals(trace: Trace, demand: number, random: Random): readonly PodShape[] {
  const traced = trace.pods();
  const pods = [...traced];
  let asked = pods.reduce((sum, pod) => sum + requestsOf(pod).gpu, 0);
  while (asked < demand) {
    const drawn = traced[random.below(traced.length)];
    if (drawn === undefined) throw new RangeError(`${trace.name} has no pods`);
    pods.push(drawn);
    asked += requestsOf(drawn).gpu;
  }
  shuffle(pods, random);
  for (let last = pods.at(-1); last !== undefined && asked - requestsOf(last).gpu >= demand; last = pods.at(-1)) {
    asked -= requestsOf(last).gpu;
    pods.pop();
  }
  return pods;
}

/** Every node's score for every shape of pod, asked again only after the node has got another pod. */
class Scoreboard {
  readonly #scorer: Scorer;
  readonly #nodes: readonly SimulatedNode[];
  /** By shape: scores by node, and how many pods it held then. */
  readonly #known = new Map<PodShape, { readonly scores: Float64Array; readonly pods: Int32Array }>();

  constructor(scorer: Scorer, nodes: readonly SimulatedNode[]) {
    this.#scorer = scorer;
    this.#nodes = nodes;
  }

  best(pod: PodShape, random: Random): SimulatedNode | undefined {
    let [best, highest, equal]: [SimulatedNode | undefined, number, number] = [undefined, NO_ROOM, 0];
    const scores = this.#scores(pod);
    for (const [index, node] of this.#nodes.entries()) {
      const score = scores[index] ?? NO_ROOM;
      if (score < highest || score === NO_ROOM) continue;
      equal = score > highest ? 1 : equal + 1;
      highest = score;
      if (random.next() * equal < 1) best = node;
    }
    return best;
  }

  #scores(pod: PodShape): Float64Array {
    const size = this.#nodes.length;
    const known = this.#known.get(pod) ?? { scores: new Float64Array(size), pods: new Int32Array(size).fill(-1) };
    this.#known.set(pod, known);
    const changed = this.#nodes.flatMap((node, index) => (known.pods[index] === node.pods ? [] : [{ node, index }]));
    for (const { node, index } of changed) {
      known.pods[index] = node.pods;
      known.scores[index] = NO_ROOM;
    }
    const asked = changed.filter(({ node }) => node.fits(pod));
    const scores = this.#scorer.scores(
      pod,
      asked.map(({ node }) => node),
    );
    for (const [place, { index }] of asked.entries()) known.scores[index] = scores[place] ?? NO_ROOM;
    return known.scores;
  }
}

const NO_ROOM = Number.NEGATIVE_INFINITY;
