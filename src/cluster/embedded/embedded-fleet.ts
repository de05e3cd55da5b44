import type { Fleet, WriteOrder, WriteOutcome } from '../../domain/fleet/fleet.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { afterWrite, isForbidden, isWritten, type PodWrite } from '../../domain/victims/cost-write.ts';
import type { FleetIndex } from '../fleet-index.ts';

/** A fleet in memory, loaded from a file: for trying packdown out, and for tests. Its writes change only the memory. */
export class EmbeddedFleet implements Fleet {
  readonly #index: FleetIndex;
  readonly #now: () => number;

  constructor(index: FleetIndex, now: () => number) {
    this.#index = index;
    this.#now = now;
  }

  snapshot(): Snapshot {
    return this.#index;
  }

  staleness(): number {
    return 0;
  }

  async write(writes: WriteOrder, deadline: number): Promise<readonly WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const write of writes.flat()) {
      if (this.#now() > deadline) break;
      outcomes.push(this.#writeOne(write));
    }
    return outcomes;
  }

  #writeOne(write: PodWrite): WriteOutcome {
    const { namespace, name, uid, cost, costOwner } = write.pod;
    const pod = this.#index.pod(namespace, name);
    if (pod === undefined || pod.uid !== uid || pod.cost !== cost || pod.costOwner !== costOwner) return 'stale';
    if (isForbidden(pod, write)) return 'stale';
    if (isWritten(pod, write)) return 'unchanged';
    this.#index.putPod(afterWrite({ ...write, pod }, this.#now()));
    return 'written';
  }
}
