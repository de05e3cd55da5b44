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

  constructor(lifetime: number, now: () => number) {
    this.#lifetime = lifetime;
    this.#now = now;
  }

  admit({ workload, role, to }: ScaleRequest): void {
    this.#forget();
    const key = keyOf(workloadId(workload), role);
    const counts = this.#admitted.get(key) ?? new Map<number, number>();
    this.#admitted.set(key, counts.set(to, this.#now() + this.#lifetime));
  }

  includes(workload: string, role: string | null, count: number): boolean {
    this.#forget();
    return this.#admitted.get(keyOf(workload, role))?.has(count) ?? false;
  }

  #forget(): void {
    const now = this.#now();
    for (const [key, counts] of this.#admitted) {
      for (const [count, expiry] of counts) if (expiry <= now) counts.delete(count);
      if (counts.size === 0) this.#admitted.delete(key);
    }
  }
}

function keyOf(workload: string, role: string | null): string {
  return `${workload}:${role ?? ''}`;
}
