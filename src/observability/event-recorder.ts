import { randomBytes } from 'node:crypto';
import type { EventSink, WorkloadEvent } from '../domain/fleet/workload-event.ts';
import { EventSeries } from './event-series.ts';
import type { Metrics } from './metrics.ts';

/**
 * Sends what is to be told as Events and counts what became of each, without anybody waiting for it. `now` is
 * milliseconds since the epoch.
 */
export function eventRecorder(
  sink: EventSink | null,
  { events }: Pick<Metrics, 'events'>,
  now: () => number,
): (event: WorkloadEvent | null) => void {
  if (sink === null) return () => undefined;
  const series = new EventSeries(() => randomBytes(8).toString('hex'));
  return (event) => {
    if (event === null) return;
    const { reason } = event;
    const record = series.add(event, now());
    if (record === null) events.inc({ reason, outcome: 'limited' });
    else void sink.write(record).then((outcome) => events.inc({ reason, outcome }));
  };
}
