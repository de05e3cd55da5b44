import type { FleetWrite } from './cost-write.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * What became of one write: `stale` means the pod, its cost or its owner record had changed in between, `refused` that
 * the cluster will not have it, by a policy or for a right that is missing, and `failed` that there was no answer.
 */
export type WriteOutcome = 'written' | 'unchanged' | 'stale' | 'refused' | 'failed';

/** Writes one after another; those of a stage, a list within the list, in any order and at the same time. */
export type WriteOrder = readonly (FleetWrite | readonly FleetWrite[])[];

/** The one door to the cluster: everything that decides reads a snapshot, everything that writes goes through here. */
export interface Fleet {
  snapshot(): Snapshot;
  /**
   * Milliseconds since the part of the fleet that was heard of least recently was heard of: 0 where nothing can be
   * missed, null until everything has been read once.
   */
  staleness(): number | null;
  /**
   * Writes or removes costs in the given order, each pod's cost, owner record and mark in one transaction that fails
   * when the pod is not as the write says it was. Stops sending at `deadline` (milliseconds since the epoch) and after
   * a write that failed or was refused; what was not sent is missing from the end of the result, which has one outcome
   * a write.
   */
  write(writes: WriteOrder, deadline: number): Promise<readonly WriteOutcome[]>;
}
