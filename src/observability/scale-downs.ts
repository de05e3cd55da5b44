import type { Logger } from 'pino';
import type { Steered } from '../admission/steered.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import { unitOf } from '../domain/victims/pool.ts';
import type { ScalingPlan } from '../workloads/scaling.ts';
import { abridgeNames, abridgeText } from './abridge.ts';
import { kindLabel } from './label-values.ts';
import type { Metrics } from './metrics.ts';
import type { Settled } from './workload-predictions.ts';

/** Counts a scale-down that was admitted, and logs what was decided; `isNews` unless it is reviewed again. */
export function tellSteered(
  { workload, mode, plan, outcome, milliseconds }: Steered,
  isNews: boolean,
  metrics: Metrics,
  log: Logger,
): void {
  metrics.steering.inc({ kind: kindLabel(workload.kind), outcome });
  metrics.steeringDuration.observe(milliseconds / 1000);
  const level = outcome === 'unchanged' && isNews ? 'info' : levelOf(outcome);
  if (!log.isLevelEnabled(level)) return;
  const line = {
    workload: abridgeText(workloadName(workload)),
    mode,
    outcome,
    milliseconds,
    ...(plan !== null && decisionOf(plan)),
  };
  log[level](line, 'scale-down');
}

/** Counts a prediction that is settled, and logs one that was wrong. */
export function tellSettled(
  { predicted, outcome, expected, went }: Settled,
  wouldFree: number,
  metrics: Metrics,
  log: Logger,
): void {
  const { workload, mode } = predicted;
  metrics.predictions.inc({ kind: kindLabel(workload.kind), outcome });
  metrics.nodesFreed.inc({ mode: 'counterfactual' }, wouldFree);
  const line = {
    workload: abridgeText(workloadName(workload)),
    mode,
    expected: abridgeNames(expected),
    went: abridgeNames([...went.keys()]),
  };
  if (outcome === 'wrong') log.warn(line, 'a scale-down took something else than was predicted');
  else log.debug({ ...line, outcome }, 'a prediction is settled');
}

/** Counts a scale-down that is not followed. */
export function tellUntracked({ workload }: { readonly workload: Workload }, metrics: Metrics): void {
  metrics.predictions.inc({ kind: kindLabel(workload.kind), outcome: 'untracked' });
}

function levelOf(outcome: Steered['outcome']): 'debug' | 'info' | 'warn' {
  switch (outcome) {
    case 'partial':
    case 'failed':
      return 'warn';
    // Nothing was decided, or the silence of the fleet is told once for all.
    case 'unchanged':
    case 'deferred':
    case 'stale':
      return 'debug';
    default:
      return 'info';
  }
}

function decisionOf({ requests, victims, nodesFreed }: ScalingPlan): object {
  return {
    changes: requests.map(({ role, from, to }) => `${role === null ? '' : `${role} `}${from} → ${to}`),
    victims: abridgeNames(victims.map(({ candidate }) => unitOf(candidate))),
    nodesFreed: abridgeNames(nodesFreed.map(({ name }) => name)),
  };
}
