import type { Workload } from '../domain/fleet/workload.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';

/**
 * Counts that were admitted but may not show in the fleet yet: the next review of the same workload names them as its
 * old count. Forgotten after a while, with the marks that came from them.
 */
export class AdmittedCounts {
  /** By the workload's uid and the role, the counts and when each is forgotten. */
  readonly #admitted = new Map<string, Map<string | null, Map<number, number>>>();
  readonly #lifetime: number;
  readonly #now: () => number;
  /** When what is over is swept out next, at most once in a lifetime. */
  #nextSweep = 0;

  constructor(lifetime: number, now: () => number) {
    this.#lifetime = lifetime;
    this.#now = now;
  }

  admit({ workload, role, to }: ScaleRequest): void {
    this.#sweep();
    const roles = this.#admitted.get(workload.uid) ?? new Map<string | null, Map<number, number>>();
    const counts = roles.get(role) ?? new Map<number, number>();
    this.#admitted.set(workload.uid, roles.set(role, counts.set(to, this.#now() + this.#lifetime)));
  }

  includes({ uid }: Workload, role: string | null, count: number): boolean {
    const expiry = this.#admitted.get(uid)?.get(role)?.get(count);
    return expiry !== undefined && this.#isAhead(expiry, this.#now());
  }

  /** Whether a moment is still to come, and no further off than it can be unless the clock was set back. */
  #isAhead(moment: number, now: number): boolean {
    return moment > now && moment - now <= this.#lifetime;
  }

  #sweep(): void {
    const now = this.#now();
    if (this.#isAhead(this.#nextSweep, now)) return;
    this.#nextSweep = now + this.#lifetime;
    for (const [uid, roles] of this.#admitted) {
      for (const [role, counts] of roles) {
        for (const [count, expiry] of counts) if (!this.#isAhead(expiry, now)) counts.delete(count);
        if (counts.size === 0) roles.delete(role);
      }
      if (roles.size === 0) this.#admitted.delete(uid);
    }
  }
}
