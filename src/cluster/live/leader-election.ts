import { messageOf } from '../../domain/coded-error.ts';
import type { JsonObject } from '../../workloads/core/json.ts';
import { beforeDeadline, type Clock } from './clock.ts';
import type { KubeApi } from './kube-api.ts';
import { isConflict, unlessNotFound } from './kube-errors.ts';
import { claimedLease, isUnchanged, newLease, readLease, releasedLease } from './lease.ts';
import type { Log } from './log.ts';

/** Milliseconds, with the names and the meaning that client-go's leader election gives them. */
export interface ElectionTiming {
  /** How long other candidates wait after the last sign of life. */
  readonly leaseDuration: number;
  /**
   * How long a leader goes on leading after the last renewal: less than leaseDuration, so that two never lead at once.
   */
  readonly renewDeadline: number;
  readonly retryPeriod: number;
}

export interface LeaderElectionOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  /** Another for every process that ever was. */
  readonly identity: string;
  readonly timing: ElectionTiming;
  /** Whether this replica could do a leader's work; one that cannot leaves it to another. */
  readonly isFit: () => boolean;
  readonly clock: Clock;
  /** Milliseconds since some moment, by a clock that nobody sets. */
  readonly elapsed: () => number;
  readonly log: Log;
}

const LEASE = 'packdown';
/** Milliseconds that a shutdown waits for the Lease to be released. */
const RELEASE_WITHIN = 2000;

/**
 * One of several replicas leads, by a Lease as client-go's leader election keeps it. Clocks may be hours apart: how old
 * a Lease is counts from when this replica saw it change, never by the times in it. A leader that cannot renew stops by
 * itself, before anybody else can begin. Unlike in client-go (tools/leaderelection), a candidate looks as often as the
 * leader renews and is there when the Lease runs out: a leader that dies is replaced within the lease time.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #collection: string;
  #seen: JsonObject = {};
  /** From when on the Lease, as it was seen last, counts as not renewed. */
  #seenAt = 0;
  /** When the last look that was answered began. */
  #lookedAt: number | null = null;
  /** When somebody else's Lease runs out. */
  #runsOutAt = Number.NEGATIVE_INFINITY;
  #leadsUntil = Number.NEGATIVE_INFINITY;
  /** Whether the last attempt met a conflict. */
  #wasConflict = false;
  /** What the log has said last. */
  #told: { readonly leads: boolean; readonly problem: string | null } = { leads: false, problem: null };

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#collection = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases`;
  }

  isLeader(): boolean {
    return this.#options.elapsed() < this.#leadsUntil;
  }

  /** Takes part until the signal aborts, then releases the Lease if it is held. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, timing, elapsed, isFit } = this.#options;
    while (!signal.aborted) {
      if (isFit()) await this.#attempt(signal);
      else await this.#release();
      const left = this.#runsOutAt - elapsed();
      await clock.delay(left > 0 ? Math.min(timing.retryPeriod, left) : timing.retryPeriod, signal);
    }
    await this.#release();
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const { elapsed, timing, clock } = this.#options;
    const began = elapsed();
    const wasConflict = this.#wasConflict;
    this.#wasConflict = false;
    let problem: string | null = null;
    try {
      // Half the deadline, so that one request that hangs leaves time for another.
      const isHeld = await beforeDeadline(clock, clock.now() + timing.renewDeadline / 2, (late) =>
        this.#acquireOrRenew(AbortSignal.any([signal, late])),
      );
      this.#leadsUntil = isHeld ? began + timing.renewDeadline : Number.NEGATIVE_INFINITY;
    } catch (error) {
      if (signal.aborted) return;
      this.#wasConflict = isConflict(error);
      // Somebody else was faster; if it was no candidate, the next attempt shows that the Lease is ours still.
      if (this.#wasConflict) this.#leadsUntil = Number.NEGATIVE_INFINITY;
      // Each attempt reads the Lease anew: conflicts in a row are what a webhook denies as one.
      if (!this.#wasConflict || wasConflict) problem = messageOf(error);
    }
    this.#tell(problem);
  }

  /** Whether this replica holds the Lease afterwards. */
  async #acquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { api, namespace, identity, timing, clock, elapsed } = this.#options;
    const claim = { identity, duration: timing.leaseDuration, now: clock.now() };
    const looked = elapsed();
    const lease = await this.#find(signal);
    this.#runsOutAt = Number.NEGATIVE_INFINITY;
    if (lease === null) {
      await api.post(this.#collection, newLease(namespace, LEASE, claim), signal);
      return true;
    }
    if (!isUnchanged(this.#seen, lease)) {
      this.#seen = lease;
      this.#seenAt = this.#renewedBy(elapsed());
    }
    this.#lookedAt = looked;
    const { holder, duration } = readLease(lease);
    const runsOutAt = this.#seenAt + (duration ?? timing.leaseDuration);
    if (holder !== '' && holder !== identity && elapsed() < runsOutAt) {
      this.#runsOutAt = runsOutAt;
      return false;
    }
    await api.put(`${this.#collection}/${LEASE}`, claimedLease(lease, claim), signal);
    return true;
  }

  /**
   * From when on a renewal counts that is seen only now: it came after the look before. A leader stops leading by
   * itself leaseDuration - renewDeadline before its Lease runs out; half of that stays, for clocks that run unevenly.
   */
  #renewedBy(now: number): number {
    const { leaseDuration, renewDeadline } = this.#options.timing;
    return this.#lookedAt === null ? now : Math.max(this.#lookedAt, now - (leaseDuration - renewDeadline) / 2);
  }

  async #find(signal: AbortSignal): Promise<JsonObject | null> {
    return unlessNotFound(this.#options.api.get(`${this.#collection}/${LEASE}`, signal));
  }

  async #release(): Promise<void> {
    if (!this.isLeader()) return;
    const { api, identity, clock, log } = this.#options;
    this.#leadsUntil = Number.NEGATIVE_INFINITY;
    try {
      await beforeDeadline(clock, clock.now() + RELEASE_WITHIN, async (signal) => {
        const lease = await this.#find(signal);
        if (lease === null || readLease(lease).holder !== identity) return;
        await api.put(`${this.#collection}/${LEASE}`, releasedLease(lease, clock.now()), signal);
      });
    } catch (error) {
      log.info({ problem: String(error) }, 'the lease could not be released; it runs out by itself');
    }
    this.#tell(null);
  }

  /** Each change once, not every two seconds. */
  #tell(problem: string | null): void {
    const { log, identity } = this.#options;
    const leads = this.isLeader();
    if (leads !== this.#told.leads) log.info({ identity }, leads ? 'leading' : 'no longer leading');
    if (problem !== null && problem !== this.#told.problem) {
      log.warn({ problem }, leads ? 'the lease could not be renewed' : 'the lease could not be looked at or taken');
    }
    this.#told = { leads, problem };
  }
}
