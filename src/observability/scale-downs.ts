import type { Logger } from 'pino';
import type { Steered } from '../admission/steered.ts';
import { type Workload, workloadName } from '../domain/fleet/workload.ts';
import { unitOf } from '../domain/victims/pool.ts';
import type { ScalingPlan } from '../workloads/scaling.ts';
import { abridgeNames, abridgeText } from './abridge.ts';
import { kindLabel } from './label-values.ts';
import type { Metrics } from './metrics.ts';
import type { Settled } from './workload-predictions.ts';

/** Counts a scale-down that was admitted, and logs what was decided. */
export function tellSteered(
  { workload, mode, plan, outcome, milliseconds }: Steered,
  metrics: Metrics,
  log: Logger,
): void {
  metrics.steering.inc({ kind: kindLabel(workload.kind), outcome });
  metrics.steeringDuration.observe(milliseconds / 1000);
  // Nothing was decided, or the silence of the fleet is told once for all.
  if (outcome === 'unchanged' || outcome === 'deferred' || outcome === 'stale') return;
  const line = {
    workload: abridgeText(workloadName(workload)),
    mode,
    outcome,
    milliseconds,
    ...(plan !== null && decisionOf(plan)),
  };
  const isShort = outcome === 'partial' || outcome === 'failed';
  log[isShort ? 'warn' : 'info'](line, 'scale-down');
}

/** Counts a prediction that is settled, and logs one that was wrong. */
export function tellSettled(
  { steered, outcome, expected, went, complete }: Settled,
  metrics: Metrics,
  log: Logger,
): void {
  const { workload, mode, plan } = steered;
  metrics.predictions.inc({ kind: kindLabel(workload.kind), outcome });
  // Had fewer gone, less would have been freed than the plan says.
  if (mode === 'observe' && complete) metrics.nodesFreed.inc({ mode: 'counterfactual' }, plan?.nodesFreed.length ?? 0);
  if (outcome !== 'wrong') return;
  const line = {
    workload: abridgeText(workloadName(workload)),
    mode,
    expected: abridgeNames(expected),
    went: abridgeNames([...went.keys()]),
  };
  log.warn(line, 'a scale-down took something else than was predicted');
}

/** Counts a scale-down that is not followed. */
export function tellUntracked({ workload }: { readonly workload: Workload }, metrics: Metrics): void {
  metrics.predictions.inc({ kind: kindLabel(workload.kind), outcome: 'untracked' });
}

function decisionOf({ requests, victims, nodesFreed }: ScalingPlan): object {
  return {
    changes: requests.map(({ role, from, to }) => `${role === null ? '' : `${role} `}${from} → ${to}`),
    victims: abridgeNames(victims.map(({ candidate }) => unitOf(candidate))),
    nodesFreed: abridgeNames(nodesFreed.map(({ name }) => name)),
  };
}
