import type { Workload } from '../domain/fleet/workload.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';

/**
 * Counts that were admitted but may not show in the fleet yet: the next review of the same workload names them as its
 * old count. Forgotten after a while, with the marks that came from them.
 */
export class AdmittedCounts {
  /** When each is forgotten. */
  readonly #expiries = new Map<string, number>();
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
    this.#expiries.set(keyOf(workload, role, to), this.#now() + this.#lifetime);
  }

  includes(workload: Workload, role: string | null, count: number): boolean {
    const expiry = this.#expiries.get(keyOf(workload, role, count));
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
    for (const [key, expiry] of this.#expiries) if (!this.#isAhead(expiry, now)) this.#expiries.delete(key);
  }
}

function keyOf({ uid }: Workload, role: string | null, count: number): string {
  return `${uid} ${count} ${role ?? ''}`;
}
