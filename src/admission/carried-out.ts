import type { WriteOutcome } from '../domain/fleet/fleet.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { currentOf } from '../workloads/cost-readers.ts';
import type { ScalingPlan } from '../workloads/scaling.ts';
import type { SteeringOutcome } from './steered.ts';

/** A plan after its writes. */
export interface CarriedOut {
  /** With the victims that really go under the costs as they are now. */
  readonly plan: ScalingPlan;
  readonly outcome: SteeringOutcome;
  /** Sentences on what could not be written. */
  readonly problems: readonly string[];
}

/** What became of a plan. `snapshot` shows the costs as they are after the writes, of which `outcomes` tells. */
export function carriedOut(plan: ScalingPlan, outcomes: readonly WriteOutcome[], snapshot: Snapshot): CarriedOut {
  const all = plan.writes.length;
  const landed = outcomes.filter((outcome) => outcome === 'written' || outcome === 'unchanged').length;
  if (landed === all) return { plan, outcome: outcomeOf(plan), problems: [] };
  const problems: string[] = [];
  const failed = outcomes.length - landed;
  const unsent = all - outcomes.length;
  if (failed > 0) problems.push(`${failed} of ${all} costs could not be written: others may go instead`);
  if (unsent > 0) problems.push(`${unsent} of ${all} costs were not sent within the budget: others may go instead`);
  const going = plan.goingUnder((carrier) => (currentOf(carrier, snapshot) ?? carrier).cost);
  return { plan: { ...plan, ...going }, outcome: landed === 0 ? 'failed' : 'partial', problems };
}

function outcomeOf({ settled, victims, writes }: ScalingPlan): SteeringOutcome {
  // Nobody knows what there is to choose from.
  if (settled.length === 0) return 'unsteerable';
  if (victims.every(({ steered }) => steered)) return writes.length === 0 ? 'unchanged' : 'steered';
  return writes.length === 0 && !victims.some(({ steered }) => steered) ? 'unsteerable' : 'partial';
}
