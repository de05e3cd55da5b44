import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { type Reading, surging } from '../adapter.ts';
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
  return !isSurging && isReady ? null : surging(set, 'groups');
}
