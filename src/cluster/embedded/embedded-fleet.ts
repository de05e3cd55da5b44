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
    const { namespace, name, uid, cost, costOwner, place } = write.pod;
    const found = place === undefined ? this.#index.pod(namespace, name) : this.#index.instance(namespace, name);
    if (found === undefined || found.uid !== uid || found.cost !== cost || found.costOwner !== costOwner)
      return 'stale';
    if (isForbidden(found, write)) return 'stale';
    if (isWritten(found, write)) return 'unchanged';
    const written = afterWrite({ ...write, pod: found }, this.#now());
    if (written.place === undefined) this.#index.putPod(written);
    else this.#index.putInstance(written);
    return 'written';
  }
}
