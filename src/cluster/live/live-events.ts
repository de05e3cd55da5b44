import { CodedError, messageOf } from '../../domain/coded-error.ts';
import type { EventOutcome, EventRecord, EventSink } from '../../domain/fleet/workload-event.ts';
import type { JsonObject } from '../../workloads/core/json.ts';
import { beforeDeadline, type Clock } from './clock.ts';
import type { KubeApi } from './kube-api.ts';
import { ApiError, isConflict, isNotFound } from './kube-errors.ts';
import type { Log } from './log.ts';
import { microTime } from './micro-time.ts';
import { retrying } from './retry.ts';

export interface LiveEventsOptions {
  readonly api: Pick<KubeApi, 'post' | 'patch'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this replica, e.g. the name of its pod. */
  readonly instance: string;
}

const CONTROLLER = 'packdown';
/** Characters that the apiserver takes of an instance. */
const LONGEST_INSTANCE = 128;
/** Milliseconds for one Event, further attempts included. */
const SEND_WITHIN = 5_000;
/** Milliseconds that a shutdown waits for Events that are on their way. */
const CLOSE_WITHIN = 1_000;
/** So that an apiserver that is away for long takes no memory. */
const MOST_WAITING = 500;

/**
 * Writes Events one after another, beside everything else: what cannot be written in time is given up. A repetition is
 * added to the Event as its series; where the apiserver has forgotten that Event, it is made anew.
 */
export class LiveEvents implements EventSink {
  readonly #options: LiveEventsOptions;
  readonly #stopped = new AbortController();
  /** What the log has said: each problem once. */
  readonly #told = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  constructor(options: LiveEventsOptions) {
    this.#options = options;
  }

  async write(record: EventRecord): Promise<EventOutcome> {
    if (this.#isClosed || this.#waiting >= MOST_WAITING) return 'dropped';
    this.#waiting += 1;
    const sent = this.#last.then(() => this.#send(record));
    this.#last = sent;
    try {
      return await sent;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Takes no more, and resolves when what is on its way is written or given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const done = new AbortController();
    void this.#options.clock.delay(CLOSE_WITHIN, done.signal).then(() => this.#stopped.abort());
    await this.#last;
    done.abort();
  }

  async #send(record: EventRecord): Promise<EventOutcome> {
    if (this.#stopped.signal.aborted) return 'dropped';
    const { clock, log } = this.#options;
    const deadline = clock.now() + SEND_WITHIN;
    try {
      await beforeDeadline(clock, deadline, (late) => {
        const signal = AbortSignal.any([late, this.#stopped.signal]);
        return retrying(clock, () => this.#put(record, signal), deadline, signal);
      });
      return 'written';
    } catch (error) {
      const problem = messageOf(error);
      const kind = error instanceof ApiError ? String(error.status) : error instanceof CodedError ? error.code : '';
      if (!this.#told.has(kind)) log.warn({ problem }, 'an Event could not be written; more of this is only counted');
      this.#told.add(kind);
      return 'failed';
    }
  }

  async #put(record: EventRecord, signal: AbortSignal): Promise<void> {
    const { namespace } = record.event.regarding;
    const collection = `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/events`;
    if (record.count > 1 && (await this.#extend(record, collection, signal))) return;
    try {
      await this.#options.api.post(collection, this.#objectOf(record), signal);
    } catch (error) {
      // Ours, from an attempt whose answer got lost.
      if (!isConflict(error)) throw error;
    }
  }

  /** Whether there is an Event to which the repetition could be added. */
  async #extend(record: EventRecord, collection: string, signal: AbortSignal): Promise<boolean> {
    const operation = { op: 'add', path: '/series', value: seriesOf(record) } as const;
    try {
      await this.#options.api.patch(`${collection}/${encodeURIComponent(record.name)}`, [operation], signal);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** An `events.k8s.io/v1` Event. */
  #objectOf(record: EventRecord): JsonObject {
    const { type, reason, action, regarding, related, note } = record.event;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: regarding.namespace, name: record.name },
      eventTime: microTime(record.first),
      reportingController: CONTROLLER,
      reportingInstance: this.#options.instance.slice(0, LONGEST_INSTANCE),
      ...{ type, reason, action, note, regarding },
      ...(related !== null && { related }),
      ...(record.count > 1 && { series: seriesOf(record) }),
    };
  }
}

function seriesOf({ count, last }: EventRecord): JsonObject {
  return { count, lastObservedTime: microTime(last) };
}
