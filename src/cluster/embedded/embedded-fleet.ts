import { CodedError } from '../../domain/coded-error.ts';
import { COST_OWNER, POD_DELETION_COST } from '../../domain/fleet/annotations.ts';
import type { Binder, PodBinding } from '../../domain/fleet/binder.ts';
import { afterWrite, type FleetWrite, isForbidden, isWritten } from '../../domain/fleet/cost-write.ts';
import type { Fleet, WriteOrder, WriteOutcome } from '../../domain/fleet/fleet.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { FleetIndex } from '../fleet-index.ts';

/** A fleet in memory, loaded from a file: for trying packdown out, and for tests. Its writes change only the memory. */
export class EmbeddedFleet implements Fleet, Binder {
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

  /** Of the annotations only those that a fleet knows are kept. */
  async bind({ namespace, name, uid, node, annotations }: PodBinding): Promise<void> {
    const pod = this.#index.pod(namespace, name);
    if (pod === undefined || pod.uid !== uid) {
      throw new CodedError('CannotBind', `pod ${namespace}/${name} with uid ${uid} is not in the fleet`);
    }
    if (pod.node !== null) throw new CodedError('CannotBind', `pod ${namespace}/${name} is on ${pod.node} already`);
    const { [POD_DELETION_COST]: cost = pod.cost, [COST_OWNER]: costOwner = pod.costOwner } = annotations;
    this.#index.putPod({ ...pod, node, cost, costOwner });
  }

  #writeOne(write: FleetWrite): WriteOutcome {
    const { namespace, name, uid, cost, costOwner, place } = write.carrier;
    const found = place === undefined ? this.#index.pod(namespace, name) : this.#index.instance(namespace, name);
    if (found === undefined || found.uid !== uid || found.cost !== cost || found.costOwner !== costOwner)
      return 'stale';
    if (isForbidden(found, write)) return 'stale';
    if (isWritten(found, write)) return 'unchanged';
    const written = afterWrite({ ...write, carrier: found }, this.#now());
    if (written.place === undefined) this.#index.putPod(written);
    else this.#index.putInstance(written);
    return 'written';
  }
}
