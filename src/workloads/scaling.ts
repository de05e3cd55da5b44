import { POLICY } from '../domain/fleet/annotations.ts';
import type { Node } from '../domain/fleet/node.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import type { Proof } from '../domain/planner/prove.ts';
import type { BinpackWeights } from '../domain/score/binpack.ts';
import { podScore } from '../domain/score/pod-score.ts';
import { type OpenPlan, openPlan, type Plan, type Victim } from '../domain/victims/plan.ts';
import { POLICIES, type Policy, type SelectionOptions } from '../domain/victims/policies.ts';
import type { Pool, ScaleRequest } from '../domain/victims/pool.ts';
import { type AdapterOptions, type Reading, together } from './adapter.ts';
import { matches, type NodeWeight, nodeValue, type WarmNodeCount } from './node-worth.ts';
import { annotationsFor } from './owners-above.ts';
import { pendingVictims } from './pending-victims.ts';
import { type OutlookOf, prospectIn } from './prospect.ts';
import { adapterOf } from './registry.ts';

export interface ScalingOptions {
  readonly policy: Policy;
  readonly binpack: BinpackWeights;
  readonly nodeWeights: readonly NodeWeight[];
  readonly warmNodes?: readonly WarmNodeCount[];
  /** Nodes to free that are known already, by name, the most wanted first. */
  readonly targetSet?: readonly string[];
  /** How far workloads will shrink still: a single request then takes a step towards the target set. */
  readonly outlookOf?: OutlookOf | undefined;
  readonly adapterOptions?: AdapterOptions;
  /** Whether the policy holds whatever workloads say, as where policies are compared. */
  readonly asksNobody?: boolean;
}

/** A plan and what the same requests create instead, in the words of the workloads' kinds. */
export interface ScalingPlan extends Plan {
  readonly requests: readonly ScaleRequest[];
  readonly created: readonly string[];
  /** Whether it is one step towards the target set: it may free less now than it could. */
  readonly isStep: boolean;
  /** Whether all that goes is known: a controller in the middle of a rollout, or of equals, decides later. */
  readonly isForeseen: boolean;
}

/** What to say of such a step, for people. */
export const STEP = 'a step towards the target set: it may free less now than it could, so that later ones free more';

/** What a plan is made of. */
export interface ScalingInputs {
  readonly requests: readonly ScaleRequest[];
  readonly snapshot: Snapshot;
  readonly options: ScalingOptions;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What other scale-downs have decided to take, but have not marked yet. */
  readonly decided?: Iterable<Victim>;
}

/** A plan and how good it is. */
export interface ProvenPlan extends ScalingPlan {
  /** Sum of the values of the nodes that become free. */
  readonly value: number;
  /**
   * No choice of victims frees nodes of a higher value; null where a policy chose that does not look at nodes, or
   * nobody knows all that goes.
   */
  readonly bound: number | null;
}

/** A plan up to the choice and the proof of how good that is, which may take long. */
export interface UnprovenPlan {
  readonly problem: ConsolidationProblem;
  complete(proof: Proof): ProvenPlan;
}

/** Opens the plan of scale requests as `openScaling` does, for a choice that comes with a proof of how good it is. */
export function openProven(inputs: ScalingInputs): UnprovenPlan {
  const { requests, snapshot, options } = inputs;
  const open = openScaling(inputs);
  const worthOf = (nodes: readonly Node[]) =>
    nodes.reduce((sum, node) => sum + nodeValue(node, options.nodeWeights), 0);
  const complete = (proof: Proof) => {
    const plan = open.complete(proof.chosen);
    const asked = new Set(open.nodes);
    const value = worthOf(plan.nodesFreed);
    // What becomes free whatever is chosen is no node of the problem.
    const bound = proof.bound + worthOf(plan.nodesFreed.filter(({ name }) => !asked.has(name)));
    const isChosen = requests.every(({ workload }) => policyOf(workload, snapshot, options) === 'consolidate');
    const most = isChosen && plan.isForeseen ? Math.max(value, bound) : null;
    return { ...plan, value, bound: most, isStep: plan.isStep && most !== null && value < most };
  };
  return { problem: open.problem, complete };
}

/** What the workload says, or what owns it, unless nobody is asked; else the configured one. */
export function policyOf(workload: Workload, snapshot: Snapshot, options: ScalingOptions): Policy {
  if (options.asksNobody === true) return options.policy;
  const said = annotationsFor(workload, POLICY, snapshot);
  return said.flatMap((text) => readPolicy(text) ?? [])[0] ?? options.policy;
}

/** The policy that an annotation names; null for anything else. */
export function readPolicy(text: string | undefined): Policy | null {
  return POLICIES.find((policy) => policy === text) ?? null;
}

/** Plans scale requests together on one snapshot, except for the choice, which may take long. */
export function openScaling({ requests, snapshot, options, now, decided = [] }: ScalingInputs): OpenPlan<ScalingPlan> {
  const readings = requests.map((request) => ({
    request,
    ...adapterOf(request.workload).scale(request, snapshot, now, options.adapterOptions),
  }));
  // A step towards the target set is the step of one request: several are planned together, for what they free now.
  const isOne = requests.length === 1;
  const { pools, created, warnings } = together(readings);
  const open = openPlan(
    pools,
    snapshot,
    selectionOptions(snapshot, isOne ? options : { ...options, outlookOf: undefined }, decided),
  );
  const complete = (removed: readonly number[]) => {
    const plan = open.complete(removed);
    return {
      ...plan,
      requests,
      created,
      isStep: open.problem.ahead !== undefined,
      isForeseen: readings.every(isForeseen),
      warnings: [...warnings, ...plan.warnings],
    };
  };
  return { ...open, complete };
}

function isForeseen({ request, pools, isUnforeseen }: Reading & { readonly request: ScaleRequest }): boolean {
  const isOpen = (pool: Pool) => (pool.consumer.undecided?.(pool, pool.wanted).count ?? 0) > 0;
  return !(request.to < request.from) || (isUnforeseen !== true && pools.length > 0 && !pools.some(isOpen));
}

/** What is worth what in this fleet. */
export function selectionOptions(
  snapshot: Snapshot,
  options: ScalingOptions,
  decided: Iterable<Victim> = [],
): SelectionOptions {
  const { targetSet = [], warmNodes = [], outlookOf } = options;
  return {
    policyOf: (workload) => policyOf(workload, snapshot, options),
    scoreOf: (pod) => podScore(pod, snapshot, options.binpack),
    valueOf: (node) => nodeValue(node, options.nodeWeights),
    isPending: pendingVictims(snapshot, decided),
    targetSet,
    ...(outlookOf && { prospect: prospectIn(snapshot, outlookOf) }),
    warmNodes: warmNodes.map(({ selector, count }) => ({
      includes: (node) => matches(node, selector),
      count,
    })),
  };
}
