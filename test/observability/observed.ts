import assert from 'node:assert/strict';
import { admissionHandler } from '../../src/admission/handler.ts';
import { Steering } from '../../src/admission/steering.ts';
import { validateAndSteer } from '../../src/admission/validate.ts';
import { EmbeddedFleet } from '../../src/cluster/embedded/embedded-fleet.ts';
import type { LogLevel } from '../../src/config/log-levels.ts';
import type { Fleet } from '../../src/domain/fleet/fleet.ts';
import type { Workload } from '../../src/domain/fleet/workload.ts';
import type { EventRecord, EventSink } from '../../src/domain/fleet/workload-event.ts';
import { observe } from '../../src/observability/observe.ts';
import { configOf, type WebhookOptions } from '../admission/webhook.ts';
import { fleetOf, NOW } from '../builders/fleet.ts';
import { scaleReview } from '../builders/review.ts';
import { groupsGone } from '../domain/victims/oracle-view.ts';
import { recordingLog } from '../http/test-server.ts';
import { type Family, readExposition } from './exposition.ts';

const DAY = 24 * 3_600_000;

export interface ObservedOptions extends WebhookOptions {
  /** Where Events go in place of a list, null for nowhere. */
  readonly events?: EventSink | null;
  readonly logLevel?: LogLevel;
}

/** A fleet in memory and what is wired around it by `serve`, at a time that only the test moves on. */
export function observed({
  index = fleetOf([]),
  config = configOf('steering: {settle: 0ms}'),
  wrap = (fleet: Fleet) => fleet,
  events: sink,
  logLevel = 'info',
}: ObservedOptions = {}) {
  const clock = { time: NOW };
  const now = () => clock.time;
  const { log, logged } = recordingLog(logLevel);
  const events: EventRecord[] = [];
  const recording: EventSink = {
    write: async (record) => {
      events.push(record);
      return 'written';
    },
  };
  const behind = wrap(new EmbeddedFleet(index, now));
  const observability = observe({
    fleet: behind,
    config,
    log,
    now,
    leads: () => true,
    certificateExpiry: () => new Date(NOW + 90 * DAY),
    events: sink === undefined ? recording : sink,
  });
  const { fleet, metrics, onAnswered, onSteered, check } = observability;
  const steering = new Steering({ fleet, config, now, wait: async () => undefined, onSteered });
  const scrape = async (): Promise<ReadonlyMap<string, Family>> => readExposition(await metrics.metrics());
  const validate = admissionHandler(
    (request) => validateAndSteer(request, fleet, config, steering),
    onAnswered('/validate'),
  );
  return {
    ...{ clock, now, index, config, log, logged, events, observability, fleet, steering, check, validate },
    /** Sends a change of replicas through /scale, lets the fleet have it, and gives the answer's text. */
    async scale(workload: Workload, replicas: number): Promise<string> {
      const answer = await validate(scaleReview(workload, replicas));
      index.putWorkload({ ...workload, replicas });
      return JSON.stringify(answer);
    },
    /** The series of one metric that are not 0. */
    seriesOf: async (name: string) => seriesOf(await scrape(), name),
  };
}

export type Observed = ReturnType<typeof observed>;

export function seriesOf(families: ReadonlyMap<string, Family>, name: string): Readonly<Record<string, number>> {
  const series = families.get(name)?.series ?? assert.fail(`there is no ${name}`);
  return Object.fromEntries([...series].filter(([, value]) => value !== 0));
}

/**
 * Looks at what has gone, once more after the time in which a controller may take more, and so settles what went as
 * planned.
 */
export function settle({ check, clock }: Pick<Observed, 'check' | 'clock'>): void {
  check();
  clock.time += 5000;
  check();
}

/** Predictions that are settled, by outcome. */
export async function outcomes(hook: Observed, kind = 'ModelServing'): Promise<Readonly<Record<string, number>>> {
  settle(hook);
  const series = Object.entries(await hook.seriesOf('packdown_predictions_total'));
  return Object.fromEntries(
    series.map(([name, count]) => [
      name.replace(`packdown_predictions_total{kind="${kind}",outcome="`, '').slice(0, -2),
      count,
    ]),
  );
}

/** Deletes the groups' pods at once. */
export function deleteGroups({ index }: Pick<Observed, 'index'>, ...groups: readonly string[]): void {
  for (const { namespace, name, labels } of [...index.pods()]) {
    if (groups.includes(labels['modelserving.volcano.sh/group-name'] ?? '')) index.deletePod(namespace, name);
  }
}

/** Deletes what Kthena's controller deletes for the count that the fleet has now. */
export function reconcile(hook: Pick<Observed, 'index'>, workload: Workload, seed = 1): void {
  const current = hook.index.workload(workload) ?? assert.fail('the workload is not in the fleet');
  const pods = hook.index.podsOf(workload.uid);
  deleteGroups(hook, ...groupsGone(current, pods, { rank: 'as-live', seed }));
}
