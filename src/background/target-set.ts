import type { Config } from '../config/config.ts';
import { outlookOf } from '../config/outlook.ts';
import { scalingOptions } from '../config/scaling-options.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { TargetSetStore } from '../domain/fleet/target-set.ts';
import type { ConsolidationProblem } from '../domain/planner/problem.ts';
import { drainingNodes } from '../workloads/draining.ts';
import type { SeenLow } from '../workloads/floors.ts';
import { type Forecast, forecast } from '../workloads/forecast.ts';
import type { Duty, Pace } from './duty.ts';

export interface ForecastOptions {
  readonly fleet: Fleet;
  readonly config: Config;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly targetSet: TargetSetStore;
  /** Looks for the nodes to be free in the end, the most wanted first; null says that there is no answer this time. */
  readonly findTargets: (problem: ConsolidationProblem) => Promise<readonly number[] | null>;
  readonly seenLow?: SeenLow;
  /** Told after every look ahead how many nodes could become free; null where the fleet is too large for one. */
  readonly onForecast?: (nodes: number | null) => void;
}

/**
 * A forecast alone took 52 MB at 60,000 pods. The scale-downs that are then steps towards its target set take more,
 * most of it garbage: 50 of them brought packdown to 257 MB at 45,000 pods, 100 to 382 MB at 60,000 (npm run
 * bench:live), and it promises 250 MB at 150,000, where it makes no forecast.
 */
const MOST_PODS = 20_000;
/** Milliseconds between two looks ahead; fewer at first. */
const BETWEEN_LOOKS = 30_000;

/**
 * Publishes the nodes that scale-downs to come are to free, whenever they have changed: those that are being emptied
 * already, and, in fleets of up to 20,000 pods, those that all workloads together can free on their way to their
 * floors.
 */
export function publishingTargetSet(options: ForecastOptions): Duty {
  const { fleet, targetSet } = options;
  let every = 1000;
  return {
    name: 'publishing the target set',
    /** Soon for the first time: until then, scale-downs look at what they can free themselves and no further. */
    get every() {
      return every;
    },
    async run(pace) {
      every = Math.min(2 * every, BETWEEN_LOOKS);
      const isSmall = fleet.snapshot().podCount <= MOST_PODS;
      const ahead = isSmall ? await nodesAhead(options, pace) : [];
      if (ahead === null || !pace.goesOn()) return;
      options.onForecast?.(isSmall ? ahead.length : null);
      await targetSet.publish([...nodesBeingFreed(fleet.snapshot()), ...ahead]);
      every = BETWEEN_LOOKS;
    },
  };
}

/** By name; null where there is no answer this time. */
async function nodesAhead(options: ForecastOptions, pace: Pace): Promise<readonly string[] | null> {
  const compiled = await lookAhead(options, pace);
  if (compiled === null) return null;
  const { problem, nodes } = compiled;
  const found = await options.findTargets(problem);
  return found === null ? null : found.flatMap((node) => nodes[node] ?? []);
}

/** Null once this replica leads no longer. Between two workloads, reviews that came in meanwhile go first. */
async function lookAhead(options: ForecastOptions, pace: Pace): Promise<Forecast | null> {
  const { fleet, config, now, targetSet, seenLow } = options;
  const snapshot = fleet.snapshot();
  const steps = forecast({
    snapshot,
    options: { ...scalingOptions(config), targetSet: targetSet.current()?.nodes ?? [] },
    outlookOf: outlookOf(snapshot, config, seenLow),
    now: now(),
  });
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await pace.wait(0);
    if (!pace.goesOn()) return null;
  }
}

/**
 * What admitted scale-downs are emptying already, by name: the marks on their victims say so to every replica,
 * whichever planned it. There is no forecast in it.
 */
export function nodesBeingFreed(snapshot: Snapshot): readonly string[] {
  return [...drainingNodes(snapshot)].filter((name) => snapshot.node(name) !== undefined).sort();
}
