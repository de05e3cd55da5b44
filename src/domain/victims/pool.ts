import type { Costed } from '../fleet/costed.ts';
import type { CostCarrier, Instance } from '../fleet/instance.ts';
import { costOwnership, markedUnit, type Pod } from '../fleet/pod.ts';
import type { Workload } from '../fleet/workload.ts';

/** What one scale request asks of one workload, or of one role of it. */
export interface ScaleRequest {
  /** The workload as it will be once the request is carried out. */
  readonly workload: Workload;
  readonly role: string | null;
  readonly from: number;
  readonly to: number;
}

/** One thing a controller keeps or deletes as a whole: a pod, a role replica or a group. */
export interface Candidate {
  /** Unique in its pool: a pod's name, a role replica's id or a group's name. */
  readonly name: string;
  /** The group that it is or is in; null for a pod of a flat kind. */
  readonly group: string | null;
  /** The role that it is a replica of; null for anything else. */
  readonly role: string | null;
  readonly ordinal: number;
  readonly ready: boolean;
  /** On its way out already. */
  readonly deleting: boolean;
  /** Its controller was told to delete this one, whatever it costs. */
  readonly goesFirst?: boolean;
  /** Made from a template that is no longer the wanted one; only Grove's order reads it. */
  readonly outdated?: boolean;
  /** Removing it breaks something outside (Kthena pins its HPA selector to `<roles[0]>-0`): it goes last. */
  readonly anchor: boolean;
  readonly pods: readonly Pod[];
  /** Those of its pods that go though it stays: what its roles have beyond the spec, and is not on its way out yet. */
  readonly leaving?: readonly Pod[];
  /** What carries its cost in its pods' place. */
  readonly carrier?: Instance;
  /** The pods on which its sum is raised, or a mark is put, before others, best first; only Kthena's encoding asks. */
  readonly entryPods: readonly Pod[];
}

/** The candidates that one controller chooses among in one reconcile, in the order in which it lists them. */
export interface Pool {
  readonly request: ScaleRequest;
  readonly consumer: Consumer;
  readonly candidates: readonly Candidate[];
  /** How many the controller was told to keep until now, and how many from now on. */
  readonly before: number;
  readonly wanted: number;
  /** The first so many candidates in the list are protected until all others are gone. */
  readonly partition: number;
  /** The same at the count that it was told until now: a percentage protects more of more. */
  readonly partitionBefore: number;
  /** No cost may be lowered now: a scale-down one level up is in progress and reads sums of these costs. */
  readonly frozen: boolean;
  /** Active pods of related ReplicaSets on each node; only ReplicaSet reads it. */
  readonly related: ReadonlyMap<string, number>;
  /** The moment of the decision, milliseconds since the epoch: ReplicaSet's and RoleInstanceSet's orders go by ages. */
  readonly now: number;
}

/**
 * The cost of a pod, or of what carries it in its place, as it is written (or will be), before a consumer's grammar.
 */
export type CostText = (carrier: CostCarrier) => string | null;

/**
 * Either the costs to write, with a `doubt` where something that no cost decides may come first; or one sentence on why
 * no costs can say it.
 */
export type Encoding = { readonly ok: true; readonly costs: readonly WantedCost[]; readonly doubt?: string } | Misfit;

/** No costs can say it. */
export interface Misfit {
  readonly ok: false;
  readonly reason: string;
}

export interface WantedCost {
  readonly carrier: CostCarrier;
  readonly cost: number;
  /** The unit that the pod is marked to go with; null for a survivor. */
  readonly victim: string | null;
}

/** How one controller chooses what to delete, as pure functions. */
export type Consumer = SteerableConsumer | FixedConsumer;

interface DeletionOrder {
  /** What goes first, as a clause for people. */
  readonly firstGoes: string;
  /** The deletion order under the given costs, first deleted first. */
  order(pool: Pool, costs: CostText): readonly Candidate[];
  /**
   * Everything that will be gone when the controller is told to keep `wanted`, what is on its way out included, as far
   * as it is decided.
   */
  victims(pool: Pool, wanted: number, costs: CostText): readonly Candidate[];
  /** Those at the end of `victims` that are equal to its controller: some of them go too, and nobody can tell which. */
  undecided?(pool: Pool, wanted: number): Undecided;
}

/** One that reads no costs: there is nothing to write and nothing to choose. */
export interface FixedConsumer extends DeletionOrder {
  readonly readsCosts: false;
}

/** One whose order costs decide. */
export interface SteerableConsumer extends DeletionOrder {
  readonly readsCosts: true;
  /** What decides before cost; the lower rank is deleted first. */
  rank(candidate: Candidate, pool: Pool): number;
  /** A pod's cost in this controller's grammar. */
  parse(text: string | null): number;
  /** Whether it has nothing to tell the two by, under the costs that they have; left out where an ordinal decides. */
  areEqual?(a: Candidate, b: Candidate, pool: Pool): boolean;
  /**
   * Costs under which `chosen` (in deletion order) go next, after `committed`, and nothing else does: survivors' costs
   * first, then victim by victim. Written one by one or in stages (see Stages), every step is at least as right as the
   * one before.
   */
  encode(
    pool: Pool,
    committed: readonly Candidate[],
    chosen: readonly Candidate[],
    scoreOf: (pod: Pod) => number,
  ): Encoding;
}

/** So many of these go. */
export interface Undecided {
  readonly among: readonly Candidate[];
  readonly count: number;
}

/** Costs as the fleet has them now. */
export const writtenCosts: CostText = (carrier) => carrier.cost;

/** Costs as they were if packdown had written none. */
export const foreignCosts: CostText = (carrier) => (costOwnership(carrier) === 'packdown' ? null : carrier.cost);

/** The fleet's costs with some of them replaced. */
export function costsAfter(costs: readonly WantedCost[]): CostText {
  if (costs.length === 0) return writtenCosts;
  const wanted = new Map(costs.map(({ carrier, cost }) => [carrier.uid, String(cost)]));
  return (carrier) => wanted.get(carrier.uid) ?? carrier.cost;
}

/** What carries the costs of a candidate: its pods, or one object in their place. */
export function carriersOf({ carrier, pods }: Candidate): readonly CostCarrier[] {
  return carrier === undefined ? pods : [carrier];
}

/** A cost that is nobody else's: it may be written. */
export function isWritable(carrier: Costed): boolean {
  return costOwnership(carrier) !== 'other';
}

/** What a candidate is called in marks: unique in its namespace. */
export function unitOf({ name, group, role, carrier }: Candidate): string {
  return role === null || carrier !== undefined ? name : `${group}/${name}`;
}

/** Marked by packdown to go with a scale-down that was admitted. */
export function isMarked(candidate: Candidate): boolean {
  const unit = unitOf(candidate);
  return carriersOf(candidate).some((carrier) => markedUnit(carrier) === unit);
}
