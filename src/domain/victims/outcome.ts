import type { CostWrite } from '../fleet/cost-write.ts';
import { workloadName } from '../fleet/workload.ts';
import { abridged } from '../ordering/wording.ts';
import type { Constraints } from './constraints.ts';
import type { SelectionOptions } from './policies.ts';
import { type Candidate, type CostText, costsAfter, type Pool, type ScaleRequest, writtenCosts } from './pool.ts';
import { type Stages, stagesOf } from './stages.ts';

/** What becomes of one pool: who goes, and the costs that make it so. */
export interface Outcome {
  readonly pool: Pool;
  readonly committed: readonly Candidate[];
  readonly going: readonly Candidate[];
  readonly steered: ReadonlySet<Candidate>;
  readonly writes: readonly CostWrite[];
  readonly stages: Stages;
  readonly warnings: readonly string[];
}

/** Encodes what was chosen in one pool, and trusts the encoding only if the controller's own order then agrees. */
export function steer(
  pool: Pool,
  constraints: Constraints,
  chosen: readonly Candidate[],
  options: SelectionOptions,
): Outcome {
  const { committed } = constraints;
  const plain: Outcome = { pool, committed, going: chosen, steered: new Set(), writes: [], stages: [], warnings: [] };
  const unsteered = (reason: string): Outcome => ({
    ...plain,
    going: goingUnder(plain, writtenCosts),
    warnings: [`${describe(pool)} is not steered: ${reason}`],
  });

  if (!pool.consumer.readsCosts) return { ...plain, warnings: warnOfEquals(pool) };
  if (pool.wanted >= pool.before) return plain;
  const encoding = pool.consumer.encode(pool, committed, chosen, options.scoreOf);
  if (!encoding.ok) return unsteered(encoding.reason);
  const going = goingUnder(plain, costsAfter(encoding.costs));
  const extra = going.find((candidate) => !chosen.includes(candidate));
  if (extra !== undefined || going.length !== chosen.length) {
    return unsteered(`${extra?.name ?? 'something else'} goes in addition, whatever the costs`);
  }
  const writes = encoding.costs.map(({ carrier, cost, victim }) => ({ carrier, to: String(cost), victim }));
  const warnings = encoding.doubt === undefined ? [] : [`${describe(pool)} may go otherwise: ${encoding.doubt}`];
  const stages = stagesOf(writes, pool.consumer.parse);
  return { ...plain, going, steered: new Set(going), writes, stages, warnings };
}

function warnOfEquals(pool: Pool): readonly string[] {
  const { among, count } = pool.consumer.undecided?.(pool, pool.wanted) ?? { among: [], count: 0 };
  if (count === 0) return [];
  return [
    `of ${abridged(among.map(({ name }) => name))} ${count} will go, and nobody can tell which: they are equal to their controller`,
  ];
}

/** The same outcome where costs are not as planned; one that needs none stays. */
export function underCosts(outcome: Outcome, costs: CostText): Outcome {
  return outcome.writes.length === 0 ? outcome : { ...outcome, going: goingUnder(outcome, costs) };
}

/** What goes because of the request, in the controller's order. */
export function goingUnder({ pool, committed }: Outcome, costs: CostText): readonly Candidate[] {
  const gone = new Set(committed);
  return pool.consumer.victims(pool, pool.wanted, costs).filter((candidate) => !gone.has(candidate));
}

function describe(pool: Pool): string {
  const group = pool.candidates[0]?.group;
  const inGroup = pool.request.role === null || group === undefined || group === null ? '' : ` in ${group}`;
  return `${nameOf(pool.request)}${inGroup}`;
}

/** A workload, or one of its roles, for people. */
export function nameOf({ workload, role }: Pick<ScaleRequest, 'workload' | 'role'>): string {
  return `${workloadName(workload)}${role === null ? '' : `:${role}`}`;
}
