import { STEERING_OUTCOMES } from '../admission/steered.ts';
import type { WriteOutcome } from '../domain/fleet/fleet.ts';
import { EVENT_REASONS, type EventOutcome } from '../domain/fleet/workload-event.ts';
import { rules } from '../domain/ordering/rules.ts';
import { HANDSHAKE_FAILURES } from '../http/handshake-failure.ts';
import { autoscalerOfResource, autoscalers } from '../workloads/autoscaling/registry.ts';
import { adapterOfResource, adapters } from '../workloads/registry.ts';
import type { Settled } from './workload-predictions.ts';

export const ADMISSION_PATHS = ['/validate', '/mutate'] as const;
export const DECISIONS = ['allowed', 'denied', 'patched', 'unjudged', 'stale'] as const;

/** In place of what packdown does not know: a review, or whoever writes it, can name anything. */
const OTHER = 'other';
const KINDS = [...new Set(adapters.map(({ kind }) => kind)), OTHER];
const RESOURCES = [...new Set(['pods', ...[...adapters, ...autoscalers].map(({ resource }) => resource)]), OTHER];
const VERBS = [
  ...['filter', 'prioritize', 'preempt', 'bind', 'predicate', 'preemptable', 'reclaimable', 'jobEnqueueable'],
  ...['jobEnqueued', 'jobReady', 'queueOverused', 'allocate', 'deallocate', 'allocateFunc', 'deallocateFunc'],
  ...['onSessionOpen', 'onSessionClose'],
];
/** Paths that are answered, each with what is below it. */
const PATHS = [...ADMISSION_PATHS, '/scheduler', '/volcano', OTHER];
/** Of HTTP. */
const REFUSALS = ['400', '401', '403', '404', '405', '408', '413', '415', '431', '500', '503', OTHER];
const PREDICTIONS: readonly (Settled['outcome'] | 'untracked')[] = ['right', 'wrong', 'nothing', 'untracked'];
const WRITES: readonly WriteOutcome[] = ['written', 'unchanged', 'stale', 'refused', 'failed'];
const EVENTS: readonly (EventOutcome | 'limited')[] = ['written', 'limited', 'dropped', 'failed'];

/** Every metric that has labels, and all the values that each label may have: a closed list, whatever callers send. */
export const LABEL_VALUES = {
  packdown_admission_requests_total: { path: ADMISSION_PATHS, resource: RESOURCES, decision: DECISIONS },
  packdown_admission_duration_seconds: { path: ADMISSION_PATHS },
  packdown_refused_requests_total: { path: PATHS, code: REFUSALS },
  packdown_tls_handshake_failures_total: { reason: HANDSHAKE_FAILURES },
  packdown_ordering_findings_total: { rule: rules.map(({ name }) => name), mode: ['enforce', 'warn'] },
  packdown_steering_total: { kind: KINDS, outcome: STEERING_OUTCOMES },
  packdown_cost_writes_total: { outcome: WRITES },
  packdown_extender_duration_seconds: { verb: VERBS },
  packdown_predictions_total: { kind: KINDS, outcome: PREDICTIONS },
  packdown_nodes_freed_total: { mode: ['actual', 'counterfactual'] },
  packdown_events_total: { reason: EVENT_REASONS, outcome: EVENTS },
  packdown_fleet_objects: { kind: ['Node', 'Pod', ...KINDS] },
} as const;

/** The kind, where it is one that packdown knows: others could be anything. */
export function kindLabel(kind: string): string {
  return KINDS.includes(kind) ? kind : OTHER;
}

/** Null is for bytes that are no request. */
export function pathLabel(path: string | null): string {
  return PATHS.find((known) => path === known || path?.startsWith(`${known}/`)) ?? OTHER;
}

/** The status, where it is one that a request is refused with. */
export function statusLabel(status: number): string {
  return REFUSALS.includes(String(status)) ? String(status) : OTHER;
}

/** A resource of the same name in another group is another one. */
export function resourceLabel(group: string, resource: string): string {
  if (group === '' && resource === 'pods') return resource;
  return (adapterOfResource(group, resource) ?? autoscalerOfResource(group, resource))?.resource ?? OTHER;
}
