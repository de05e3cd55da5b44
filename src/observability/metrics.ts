import { Counter, Histogram, Registry } from 'prom-client';
import { LABEL_VALUES } from './label-values.ts';
import { collectProcessMetrics } from './process-metrics.ts';
import { SeriesCounter, SeriesHistogram } from './series.ts';
import { collectState, type StateSources } from './state-metrics.ts';

/** Seconds. The apiserver waits 5 s for /validate and 2 s for /mutate; most answers take a millisecond. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * Every metric of packdown, and those of its process, in a registry of their own. Label values are those of
 * LABEL_VALUES.
 */
export function createMetrics(sources: StateSources) {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const { setFreeable } = collectState(registry, sources);
  const registers = [registry];
  const metrics = {
    registry,
    setFreeable,
    admissionRequests: new SeriesCounter({
      name: 'packdown_admission_requests_total',
      help: 'Reviews answered: allowed, denied, patched, unjudged (allowed, for it could not be judged) or stale (allowed, for the fleet has not been heard of).',
      labelNames: ['path', 'resource', 'decision'],
      registers,
    }),
    refusedRequests: new Counter({
      name: 'packdown_refused_requests_total',
      help: 'Requests at 8443 that got no answer but an HTTP status: refused before they were read, or failed. No other metric counts them.',
      labelNames: ['path', 'code'],
      registers,
    }),
    handshakeFailures: new Counter({
      name: 'packdown_tls_handshake_failures_total',
      help: 'TLS handshakes at 8443 that failed: untrusted (the caller does not trust the certificate), not-tls (plain HTTP, for one), timeout, closed (by the caller, as TCP probes do) or other (no shared version or cipher, for one).',
      labelNames: ['reason'],
      registers,
    }),
    admissionDuration: new SeriesHistogram({
      name: 'packdown_admission_duration_seconds',
      help: 'From a review that is read to its answer, steering included.',
      labelNames: ['path'],
      buckets: BUCKETS,
      registers,
    }),
    orderingFindings: new Counter({
      name: 'packdown_ordering_findings_total',
      help: 'What the ordering rules found: enforce refuses, warn only says so.',
      labelNames: ['rule', 'mode'],
      registers,
    }),
    steering: new Counter({
      name: 'packdown_steering_total',
      help: 'Admitted scale-downs: steered, unchanged (the costs were right already), partial (some victims go in their own order, or some costs could not be written), unsteerable (no victim could be steered), observed (mode observe), deferred (to the controller below, or a rollout), disagreement (the fleet contradicts the review), limited (an unproven caller asks too often), stale (the fleet has not been heard of) or failed.',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    steeringDuration: new Histogram({
      name: 'packdown_steering_duration_seconds',
      help: 'What steering a scale-down adds to its review.',
      buckets: BUCKETS,
      registers,
    }),
    costWrites: new Counter({
      name: 'packdown_cost_writes_total',
      help: 'Writes of pod-deletion costs: written, unchanged (it was so already), stale (the pod, or its cost, had changed meanwhile), refused (by a policy, or for a right that is missing) or failed (no answer).',
      labelNames: ['outcome'],
      registers,
    }),
    extenderDuration: new SeriesHistogram({
      name: 'packdown_extender_duration_seconds',
      help: "From a scheduler's call that is read to its answer.",
      labelNames: ['verb'],
      buckets: BUCKETS,
      registers,
    }),
    predictions: new Counter({
      name: 'packdown_predictions_total',
      help: 'Scale-downs whose victims were predicted: right, wrong (something else went, instead or besides), nothing (nothing went), untracked (too many at once).',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    nodesFreed: new Counter({
      name: 'packdown_nodes_freed_total',
      help: 'Nodes that scale-downs left free: actual, and in mode observe counterfactual, what steering would have freed at least: each scale-down is looked at alone.',
      labelNames: ['mode'],
      registers,
    }),
    events: new Counter({
      name: 'packdown_events_total',
      help: 'Kubernetes Events on workloads: written, limited (too many of one object or at once), dropped (too many waiting) or failed.',
      labelNames: ['reason', 'outcome'],
      registers,
    }),
  };
  // A series that begins at its first event hides that event from rate() and increase().
  startAtZero(metrics.nodesFreed, LABEL_VALUES.packdown_nodes_freed_total);
  startAtZero(metrics.refusedRequests, LABEL_VALUES.packdown_refused_requests_total);
  startAtZero(metrics.handshakeFailures, LABEL_VALUES.packdown_tls_handshake_failures_total);
  startAtZero(metrics.costWrites, LABEL_VALUES.packdown_cost_writes_total);
  startAtZero(metrics.events, LABEL_VALUES.packdown_events_total);
  startAtZero(metrics.orderingFindings, LABEL_VALUES.packdown_ordering_findings_total);
  startAtZero(metrics.steering, LABEL_VALUES.packdown_steering_total);
  startAtZero(metrics.predictions, LABEL_VALUES.packdown_predictions_total);
  return metrics;
}

function startAtZero<Label extends string>(
  counter: Counter<Label>,
  values: Readonly<Record<Label, readonly string[]>>,
): void {
  for (const labels of combinations(values)) counter.inc(labels, 0);
}

/** Every way to give each label one of its values. */
function combinations<Label extends string>(
  values: Readonly<Record<Label, readonly string[]>>,
): readonly Partial<Record<Label, string>>[] {
  let found: readonly Partial<Record<Label, string>>[] = [{}];
  for (const label in values) {
    found = found.flatMap((labels) => values[label].map((value) => ({ ...labels, [label]: value })));
  }
  return found;
}
