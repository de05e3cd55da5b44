import type { Logger } from 'pino';
import type { OnAnswered } from '../admission/handler.ts';
import type { Decision } from '../admission/response.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import type { Steered } from '../admission/steered.ts';
import type { Config } from '../config/config.ts';
import { milliseconds } from '../config/duration.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { EventSink } from '../domain/fleet/workload-event.ts';
import type { OnRequestRefused } from '../http/app.ts';
import type { OnHandshakeFailed } from '../http/handshake-failure.ts';
import type { MetricsSource } from '../http/ops-server.ts';
import type { Route } from '../http/route.ts';
import { answerObserver } from './answers.ts';
import { eventRecorder } from './event-recorder.ts';
import { eventOfRefusal, eventOfScaleDown } from './events.ts';
import { handshakeObserver } from './handshakes.ts';
import { pathLabel, statusLabel } from './label-values.ts';
import { createMetrics } from './metrics.ts';
import { observedWrites } from './observed-writes.ts';
import { Predictions } from './predictions.ts';
import { tellSettled, tellSteered, tellUntracked } from './scale-downs.ts';
import { SilenceLog } from './silence-log.ts';
import type { StateSources } from './state-metrics.ts';
import { timedRoutes } from './timed-routes.ts';

/** Pods kept in mind for predictions: looking at so many takes some 20 ms of every second. */
const MOST_PODS = 20_000;

export interface ObserveOptions extends StateSources {
  readonly config: Config;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Null where there is no cluster to write Events to. */
  readonly events: EventSink | null;
}

/** What is put around the parts of a server so that its metrics and its log tell what they do. */
export interface Observability {
  readonly metrics: MetricsSource;
  /** The fleet that everything else is to use: its writes are counted. */
  readonly fleet: Fleet;
  onAnswered(path: string): OnAnswered;
  readonly onRequestRefused: OnRequestRefused;
  readonly onHandshakeFailed: OnHandshakeFailed;
  onSteered(steered: Steered): void;
  /** How many nodes a forecast could free; null where there is none. */
  onForecast(nodes: number | null): void;
  timed(routes: readonly Route[]): readonly Route[];
  /** Looks at what has become of the fleet since; to be called every second or so. */
  check(): void;
}

/** Counts, logs and tells of what packdown does, as the hooks that are returned hear of it. */
export function observe(options: ObserveOptions): Observability {
  const { fleet, config, log, now, events } = options;
  const metrics = createMetrics(options);
  const silence = new SilenceLog(log);
  const record = eventRecorder(events, metrics, now);
  const onDenied = guarded(log, (request: AdmissionRequest, decision: Decision) =>
    record(eventOfRefusal(decision, request, fleet.snapshot())),
  );
  const predictions = new Predictions({
    fleet,
    now,
    patience: milliseconds(config.steering.takeBack),
    mostPods: MOST_PODS,
    adapterOptions: config.resourceScalingGroup,
    onSettled: (settled, wouldFree) => tellSettled(settled, wouldFree, metrics, log),
    onUntracked: (steered) => tellUntracked(steered, metrics),
    onFreed: (nodes) => metrics.nodesFreed.inc({ mode: 'actual' }, nodes),
  });
  return {
    metrics: metrics.registry,
    fleet: observedWrites(fleet, metrics, log),
    onAnswered: (path) => answerObserver(path, metrics, log, onDenied),
    onRequestRefused: guarded(log, (path: string | null, status: number) =>
      metrics.refusedRequests.inc({ path: pathLabel(path), code: statusLabel(status) }),
    ),
    onHandshakeFailed: guarded(log, handshakeObserver(metrics, log, now)),
    onSteered: guarded(log, (steered: Steered) => {
      tellSteered(steered, predictions.predict(steered), metrics, log);
      record(eventOfScaleDown(steered, fleet.snapshot()));
    }),
    onForecast: metrics.setFreeable,
    timed: (routes) => timedRoutes(routes, metrics),
    check: guarded(log, () => {
      silence.check(fleet.staleness());
      predictions.check();
    }),
  };
}

/** What only watches must not break what it watches. */
function guarded<Arguments extends readonly unknown[]>(
  log: Logger,
  watch: (...args: Arguments) => void,
): (...args: Arguments) => void {
  return (...args) => {
    try {
      watch(...args);
    } catch (error) {
      log.error({ stack: error instanceof Error ? error.stack : String(error) }, 'packdown failed to watch itself');
    }
  };
}

/** Milliseconds between two looks: the pods of a unit that was deleted are gone for good only after seconds. */
const CHECK_EVERY = 1000;

/** Calls `check` until it is closed. */
export function checkRegularly({ check }: Pick<Observability, 'check'>): { close(): Promise<void> } {
  const timer = setInterval(check, CHECK_EVERY);
  return { close: async () => clearInterval(timer) };
}
