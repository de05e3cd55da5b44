import type { EventRecord, WorkloadEvent } from '../domain/fleet/workload-event.ts';
import { type Rate, RateLimit } from '../domain/rate-limit.ts';

/** Of one type about one object. Source: client-go's spam filter of Events. */
export const FOR_ONE_OBJECT: Rate = { atOnce: 25, oneMoreEvery: 300_000 };
/** Of one replica of packdown: ten a second, where client-go has no limit. */
export const FOR_ALL_OBJECTS: Rate = { atOnce: 100, oneMoreEvery: 100 };
/**
 * Milliseconds after which the same is news again: the apiserver forgets an Event an hour after it was last written.
 */
export const SERIES_ENDS = 30 * 60_000;
/** Series that are kept in mind. Source: client-go's cache of Events. */
const MOST_SERIES = 4096;
/** Characters of an object's name that leave room for the rest in the 253 that a name may have. */
const LONGEST_PREFIX = 220;

/** Makes one Event, with a count, of what happens again and again, and of too much nothing. It reads no clock. */
export class EventSeries {
  readonly #uniqueName: () => string;
  readonly #each = new RateLimit(FOR_ONE_OBJECT);
  readonly #together = new RateLimit(FOR_ALL_OBJECTS);
  /** The ones that were added to last come last. */
  readonly #records = new Map<string, EventRecord>();

  /** Gives what no other Event has in its name, of small letters and digits. */
  constructor(uniqueName: () => string) {
    this.#uniqueName = uniqueName;
  }

  /**
   * What is to be written of this, null where that would be too much; it counts all the same. `now` is milliseconds
   * since the epoch.
   */
  add(event: WorkloadEvent, now: number): EventRecord | null {
    const { regarding, type, reason, note } = event;
    const key = JSON.stringify([regarding.uid, type, reason, note]);
    const known = this.#records.get(key);
    const record =
      known === undefined || now - known.last > SERIES_ENDS
        ? { event, name: this.#nameFor(event), first: now, last: now, count: 1 }
        : { ...known, last: now, count: known.count + 1 };
    this.#remember(key, record);
    const isAllowed = this.#each.take(`${regarding.uid} ${type}`, now) && this.#together.take('', now);
    return isAllowed ? record : null;
  }

  #remember(key: string, record: EventRecord): void {
    this.#records.delete(key);
    this.#records.set(key, record);
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= MOST_SERIES) return;
      this.#records.delete(oldest);
    }
  }

  #nameFor({ regarding }: WorkloadEvent): string {
    const prefix = regarding.name.slice(0, LONGEST_PREFIX).replace(/[^a-z0-9]+$/, '');
    return `${prefix}.${this.#uniqueName()}`;
  }
}
