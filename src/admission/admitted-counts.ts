import { workloadId } from '../domain/fleet/workload.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';

/**
 * Counts that were admitted but may not show in the fleet yet: the next review of the same workload names them as its
 * old count. Forgotten after a while, with the marks that came from them.
 */
export class AdmittedCounts {
  readonly #admitted = new Map<string, Map<number, number>>();
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
    const key = keyOf(workloadId(workload), role);
    const counts = this.#admitted.get(key) ?? new Map<number, number>();
    this.#admitted.set(key, counts.set(to, this.#now() + this.#lifetime));
  }

  includes(workload: string, role: string | null, count: number): boolean {
    const expiry = this.#admitted.get(keyOf(workload, role))?.get(count);
    return expiry !== undefined && expiry > this.#now();
  }

  #sweep(): void {
    const now = this.#now();
    if (now < this.#nextSweep) return;
    this.#nextSweep = now + this.#lifetime;
    for (const [key, counts] of this.#admitted) {
      for (const [count, expiry] of counts) if (expiry <= now) counts.delete(count);
      if (counts.size === 0) this.#admitted.delete(key);
    }
  }
}

function keyOf(workload: string, role: string | null): string {
  return `${workload}:${role ?? ''}`;
}
