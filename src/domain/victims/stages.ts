import type { CostWrite } from '../fleet/cost-write.ts';

/**
 * Writes stage by stage: those of one stage may land in any order and at the same time, and whatever cuts them short,
 * after any of them, leaves a legal order, as long as no stage begins before the one before it is complete.
 */
export type Stages = readonly (readonly CostWrite[])[];

/**
 * The stages of what one pool needs, `parse` reading costs as its controller does. First survivors rise, so that
 * victims fit below them; then victims fall, each write of which only moves its victim further to the front; last,
 * victims rise to where they belong behind what goes already, which is still below every survivor.
 */
export function stagesOf(writes: readonly CostWrite[], parse: (text: string | null) => number): Stages {
  const rises = ({ carrier, to }: CostWrite) => parse(to) > parse(carrier.cost);
  return [
    writes.filter(({ victim }) => victim === null),
    writes.filter((write) => write.victim !== null && !rises(write)),
    writes.filter((write) => write.victim !== null && rises(write)),
  ];
}

/** Pools are independent of each other: their stages go side by side. None of the stages that it gives is empty. */
export function mergeStages(pools: readonly Stages[]): Stages {
  const longest = Math.max(0, ...pools.map(({ length }) => length));
  return Array.from({ length: longest }, (_, stage) => pools.flatMap((stages) => stages[stage] ?? [])).filter(
    ({ length }) => length > 0,
  );
}
