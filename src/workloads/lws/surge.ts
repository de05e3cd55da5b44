import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { type Workload, workloadName } from '../../domain/fleet/workload.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { type Reading, unforeseen } from '../adapter.ts';
import { statefulSetAdapter } from '../apps/stateful-set.ts';
import type { Unit } from '../unit.ts';

/**
 * What is said of a scale-down of a LeaderWorkerSet, which has these groups, where groups beyond the new count may stay
 * for now: in a rollout that has added some, and in none as well, where not all that are below it are ready
 * (rollingUpdateParameters in leaderworkerset_controller.go at 060ab4d). Null where they go at once.
 */
export function keptBySurge(
  set: Workload,
  { from, to }: Pick<ScaleRequest, 'from' | 'to'>,
  groups: readonly Unit[],
  snapshot: Snapshot,
): Reading | null {
  if (set.surges !== true || to >= from) return null;
  const leaders = snapshot.workloadsOf(set.uid).find(({ kind }) => kind === statefulSetAdapter.kind);
  const isSurging = leaders !== undefined && leaders.replicas > from;
  const isReady = groups.filter(({ ordinal, ready }) => ordinal < to && ready).length >= to;
  if (!isSurging && isReady) return null;
  return unforeseen(
    `${workloadName(set)} keeps up to its maxSurge of groups more until the others are updated and ready: which ones go is decided then`,
  );
}
