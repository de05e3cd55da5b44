import type { TargetSet, TargetSetStore } from '../../domain/fleet/target-set.ts';
import { targetSetOf } from '../target-set.ts';

/** The target set of a fleet in memory. */
export class MemoryTargetSet implements TargetSetStore {
  #current: TargetSet | null = null;

  current(): TargetSet | null {
    return this.#current;
  }

  async publish(nodes: readonly string[]): Promise<void> {
    this.#current = targetSetOf(nodes);
  }
}
