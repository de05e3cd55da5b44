import type { Node } from '../fleet/node.ts';
import { isFinished, type Pod, podKey, staysOnFreeNode } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import { type Workload, workloadName } from '../fleet/workload.ts';
import { sumScores } from '../score/pod-score.ts';
import { type Constraints, constrain } from './constraints.ts';
import type { CostWrite } from './cost-write.ts';
import { type SelectionOptions, select } from './policies.ts';
import { type Candidate, type CostText, type Pool, type WantedCost, writtenCosts } from './pool.ts';
import { mergeStages, type Stages, stagesOf } from './stages.ts';

export interface Victim {
  readonly workload: Workload;
  readonly candidate: Candidate;
  /** Whether costs make it go; otherwise the controller's own order does. */
  readonly steered: boolean;
  /** Sum of its pods' binpack costs: roleScore or servingGroupScore in Kthena's words. */
  readonly score: number;
}

export interface Plan {
  /** What will go because of these requests, per request in the controller's order. */
  readonly victims: readonly Victim[];
  /** Pool by pool and victim by victim, for people to read. */
  readonly writes: readonly CostWrite[];
  /** The same writes in the order in which they must be sent. */
  readonly stages: Stages;
  /** Nodes that these victims leave free. */
  readonly nodesFreed: readonly Node[];
  readonly warnings: readonly string[];
}

/** Plans all pools together: which members go, and the costs that make their controllers choose exactly these. */
export function planVictims(pools: readonly Pool[], snapshot: Snapshot, options: SelectionOptions): Plan {
  const settled = pools.map((pool): [Pool, Constraints] => [pool, constrain(pool, writtenCosts)]);
  const chosen = select(settled, snapshot, options);
  const outcomes = settled.map(([pool, constraints]) => steer(pool, constraints, chosen.get(pool) ?? [], options));

  const victims = outcomes.flatMap(({ pool, going, steered }) =>
    going.map((candidate) => ({
      workload: pool.request.workload,
      candidate,
      steered: steered.has(candidate),
      score: sumScores(candidate.pods, options.scoreOf),
    })),
  );
  return {
    victims,
    writes: outcomes.flatMap(({ writes }) => writes),
    stages: mergeStages(outcomes.map(({ pool, writes }) => stagesOf(writes, pool.consumer.parse))),
    nodesFreed: freedNodes(
      victims.map(({ candidate }) => candidate),
      settled,
      snapshot,
      options.isPending,
    ),
    warnings: outcomes.flatMap(({ warnings }) => warnings),
  };
}

interface Outcome {
  readonly pool: Pool;
  readonly going: readonly Candidate[];
  readonly steered: ReadonlySet<Candidate>;
  readonly writes: readonly CostWrite[];
  readonly warnings: readonly string[];
}

/** Encodes what was chosen in one pool, and trusts the encoding only if the controller's own order then agrees. */
function steer(pool: Pool, constraints: Constraints, chosen: readonly Candidate[], options: SelectionOptions): Outcome {
  const { committed } = constraints;
  const gone = new Set(committed);
  const goingUnder = (costs: CostText) =>
    pool.consumer.victims(pool, pool.wanted, costs).filter((candidate) => !gone.has(candidate));
  const unsteered = (reason: string): Outcome => ({
    pool,
    going: goingUnder(writtenCosts),
    steered: new Set(),
    writes: [],
    warnings: [`${describe(pool)} is not steered: ${reason}`],
  });

  if (!pool.consumer.readsCosts || pool.wanted >= pool.before) {
    return { pool, going: chosen, steered: new Set(), writes: [], warnings: [] };
  }
  const encoding = pool.consumer.encode(pool, committed, chosen, options.scoreOf);
  if (!encoding.ok) return unsteered(encoding.reason);
  const going = goingUnder(costsAfter(encoding.costs));
  const extra = going.find((candidate) => !chosen.includes(candidate));
  if (extra !== undefined || going.length !== chosen.length) {
    return unsteered(`${extra?.name ?? 'something else'} goes in addition, whatever the costs`);
  }
  return {
    pool,
    going,
    steered: new Set(going),
    writes: encoding.costs.map(({ pod, cost, victim }) => ({ pod, to: String(cost), victim })),
    warnings: [],
  };
}

/** The fleet's costs with some of them replaced. */
function costsAfter(costs: readonly WantedCost[]): CostText {
  const wanted = new Map(costs.map(({ pod, cost }) => [pod.uid, String(cost)]));
  return (pod) => wanted.get(pod.uid) ?? pod.cost;
}

function describe(pool: Pool): string {
  const { workload, role } = pool.request;
  const group = pool.candidates[0]?.group;
  const inGroup = role === null || group === undefined || group === null ? '' : ` in ${group}`;
  return `${workloadName(workload)}${role === null ? '' : `:${role}`}${inGroup}`;
}

/**
 * Occupied before and free after: everything that keeps the node busy is among the victims, on its way out already, or
 * about to be, by a scale-down of something else.
 */
function freedNodes(
  victims: readonly Candidate[],
  settled: readonly [Pool, Constraints][],
  snapshot: Snapshot,
  isPending: (pod: Pod) => boolean,
): readonly Node[] {
  const keysOf = (candidates: readonly Candidate[]) => candidates.flatMap(({ pods }) => pods.map(podKey));
  const going = new Set([...keysOf(victims), ...settled.flatMap(([, { committed }]) => keysOf(committed))]);
  const decided = new Set(settled.flatMap(([pool]) => keysOf(pool.candidates)));
  const leaves = (pod: Pod) => {
    const key = podKey(pod);
    return staysOnFreeNode(pod) || pod.deleting || going.has(key) || (!decided.has(key) && isPending(pod));
  };
  const names = new Set(victims.flatMap(({ pods }) => pods.filter((pod) => !isFinished(pod)).map((pod) => pod.node)));
  return [...names]
    .filter((name) => name !== null)
    .sort()
    .filter((name) => snapshot.podsOnNode(name).every(leaves))
    .flatMap((name) => snapshot.node(name) ?? []);
}
