import type { Pod } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import type { Workload } from '../fleet/workload.ts';
import { sumScores } from '../score/pod-score.ts';
import { type Constraints, constrain } from './constraints.ts';
import { type Candidate, type Pool, writtenCosts } from './pool.ts';
import { type OpenProblem, openProblem, type ProblemOptions, type Settled } from './selection-problem.ts';

export const POLICIES = ['consolidate', 'binpack', 'ordinal'] as const;
export type Policy = (typeof POLICIES)[number];

export interface SelectionOptions extends ProblemOptions {
  policyOf(workload: Workload): Policy;
  /** The binpack cost of a pod on its node. */
  scoreOf(pod: Pod): number;
}

type Chosen = ReadonlyMap<Pool, readonly Candidate[]>;

/** What is chosen already, and what the planner has still to choose, pools under `consolidate` together. */
export interface OpenSelection extends OpenProblem {
  readonly settled: Settled;
  /** Per pool, in the order in which they should go: what the constraints force, then what its own policy prefers. */
  readonly chosen: Chosen;
}

/** Chooses the members that go as far as no planner is needed, pool by pool. */
export function openSelection(pools: readonly Pool[], snapshot: Snapshot, options: SelectionOptions): OpenSelection {
  const settled: (readonly [Pool, Constraints])[] = [];
  const chosen = new Map<Pool, readonly Candidate[]>();
  const together: [Pool, Constraints][] = [];
  for (const pool of pools) {
    const constraints = constrain(pool, writtenCosts);
    settled.push([pool, constraints]);
    const preferred = byPolicy(pool, constraints, options);
    chosen.set(pool, [...constraints.forced, ...(preferred ?? [])]);
    if (preferred === null) together.push([pool, constraints]);
  }
  return { settled, chosen, ...openProblem(together, settled, chosen, snapshot, options) };
}

/** What the policy of a pool's workload takes of those that are free; null where the planner chooses. */
export function byPolicy(
  { request }: Pool,
  constraints: Constraints,
  options: SelectionOptions,
): readonly Candidate[] | null {
  const policy = options.policyOf(request.workload);
  switch (policy) {
    case 'binpack':
      return byScore(constraints, options);
    case 'ordinal':
      return byOrdinal(constraints);
    case 'consolidate':
      return null;
    default:
      return policy satisfies never;
  }
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
