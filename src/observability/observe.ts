import type { Logger } from 'pino';
import type { OnAnswered } from '../admission/handler.ts';
import type { Fleet } from '../domain/fleet/fleet.ts';
import type { MetricsSource } from '../http/ops-server.ts';
import type { Route } from '../http/route.ts';
import { answerObserver } from './answers.ts';
import { countedWrites } from './counted-writes.ts';
import { createMetrics } from './metrics.ts';
import { timedRoutes } from './timed-routes.ts';

export interface ObserveOptions {
  readonly fleet: Fleet;
  readonly log: Logger;
  /** Whether this replica does the background work. */
  readonly leads: () => boolean;
}

/** What is put around the parts of a server so that its metrics and its log tell what they do. */
export interface Observability {
  readonly metrics: MetricsSource;
  /** The fleet that everything else is to use: its writes are counted. */
  readonly fleet: Fleet;
  onAnswered(path: string): OnAnswered;
  timed(routes: readonly Route[]): readonly Route[];
}

export function observe({ fleet, log, leads }: ObserveOptions): Observability {
  const metrics = createMetrics({ fleet, leads });
  return {
    metrics: metrics.registry,
    fleet: countedWrites(fleet, metrics),
    onAnswered: (path) => answerObserver(path, metrics, log),
    timed: (routes) => timedRoutes(routes, metrics),
  };
}
