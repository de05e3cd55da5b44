import type { CostWrite } from '../fleet/cost-write.ts';
import type { Node } from '../fleet/node.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import { type Workload, workloadId, workloadName } from '../fleet/workload.ts';
import type { ConsolidationProblem } from '../planner/problem.ts';
import { freedNodes } from './freed-nodes.ts';
import { goingUnder, nameOf, type Outcome, steer, underCosts } from './outcome.ts';
import { closeSelection, openSelection, type SelectionOptions } from './policies.ts';
import { type Candidate, type CostText, foreignCosts, type Pool, unitOf } from './pool.ts';
import type { Settled } from './selection-problem.ts';
import { spreadsBroken } from './spread.ts';
import { mergeStages, type Stages } from './stages.ts';

export interface Victim {
  readonly workload: Workload;
  readonly candidate: Candidate;
  /** Whether costs make it go; otherwise the controller's own order does. */
  readonly steered: boolean;
}

/** What goes, and what that frees. */
export interface Departures {
  /** What will go because of these requests, per request in the controller's order. */
  readonly victims: readonly Victim[];
  /** Nodes that these victims leave free. */
  readonly nodesFreed: readonly Node[];
}

export interface Plan extends Departures {
  /** The pools that were planned, and what was settled in each before anyone chose. */
  readonly settled: Settled;
  /** Pool by pool and victim by victim, for people to read. */
  readonly writes: readonly CostWrite[];
  /** The same writes in the order in which they must be sent. */
  readonly stages: Stages;
  readonly warnings: readonly string[];
  /** Whose order nobody can change: nothing is wrong, but who asks for a plan should know. */
  readonly notes: readonly string[];
  /** What goes instead where costs are not as planned. */
  goingUnder(costs: CostText): Departures;
  /** What would go if packdown had never written a cost. */
  withoutPackdown(): Departures;
}

/** A plan up to the choice that may take long. */
export interface OpenPlan<Result = Plan> {
  readonly problem: ConsolidationProblem;
  /** What the members of the problem are called: the same in a later look at the same pools. */
  readonly members: readonly string[];
  /** The names of its nodes. */
  readonly nodes: readonly string[];
  /** The plan in which these members of the problem go, by index. */
  complete(removed: readonly number[]): Result;
}

/** Plans all pools together: which members go, and the costs that make their controllers choose exactly these. */
export function openPlan(pools: readonly Pool[], snapshot: Snapshot, options: SelectionOptions): OpenPlan {
  const selection = openSelection(pools, snapshot, options);
  const { settled } = selection;
  const departuresOf = (outcomes: readonly Outcome[]): Departures => {
    const victims = outcomes.flatMap(victimsOf);
    const leaving = victims.map(({ candidate }) => candidate);
    return { victims, nodesFreed: freedNodes(leaving, settled, snapshot, options.isPending) };
  };
  return {
    problem: selection.problem,
    nodes: selection.nodes,
    members: selection.members.map(
      ({ pool, candidate }) => `${workloadId(pool.request.workload)} ${unitOf(candidate)}`,
    ),
    complete(removed) {
      const chosen = closeSelection(selection, removed);
      const outcomes = settled.map(([pool, constraints]) => steer(pool, constraints, chosen.get(pool) ?? [], options));
      return {
        ...departuresOf(outcomes),
        settled,
        writes: outcomes.flatMap(({ writes }) => writes),
        stages: mergeStages(outcomes.map(({ stages }) => stages)),
        warnings: [
          ...outcomes.flatMap(({ warnings }) => warnings),
          ...warnOfSpread(
            outcomes.filter(({ pool }) => pool.consumer.readsCosts),
            snapshot,
          ),
        ],
        notes: [...new Set(outcomes.flatMap(noteOn))],
        goingUnder: (costs) => departuresOf(outcomes.map((outcome) => underCosts(outcome, costs))),
        withoutPackdown: () =>
          departuresOf(outcomes.map((outcome) => ({ ...outcome, going: goingUnder(outcome, foreignCosts) }))),
      };
    },
  };
}

function victimsOf({ pool, going, steered }: Outcome): readonly Victim[] {
  return going.map((candidate) => ({
    workload: pool.request.workload,
    candidate,
    steered: steered.has(candidate),
  }));
}

/** Under `consolidate`, what no choice of victims keeps; under another policy, what that does not look at. */
function warnOfSpread(outcomes: readonly Outcome[], snapshot: Snapshot): readonly string[] {
  const byWorkload = Map.groupBy(outcomes, ({ pool }) => workloadName(pool.request.workload));
  return [...byWorkload].flatMap(([workload, own]) => {
    const candidates = own.flatMap(({ pool }) => pool.candidates);
    const going = own.flatMap((outcome) => [...outcome.committed, ...outcome.going]);
    return spreadsBroken(candidates, going, snapshot).map(
      ({ topologyKey, maxSkew }) =>
        `what is left of ${workload} is spread over ${topologyKey} beyond its maxSkew of ${maxSkew}`,
    );
  });
}

function noteOn({ pool: { consumer, request }, going }: Outcome): readonly string[] {
  if (consumer.readsCosts || going.length === 0) return [];
  return [`${nameOf(request)} is not steered: its controller reads no costs and takes ${consumer.firstGoes} first`];
}
