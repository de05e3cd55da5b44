import { resolvePartition, type Workload } from '../../domain/fleet/workload.ts';
import type { Candidate, Pool } from '../../domain/victims/pool.ts';

/**
 * What a stateless RoleInstanceSet chooses among where its partition holds some instances at an older revision: old
 * ones, as far as there are more of them than the partition holds at the new count, and for the rest updated ones, each
 * among themselves (RBG's calculateDiffsWithExpectation and chooseInstancesToDelete).
 *
 * Null where nobody can tell: its status does not say which revision is the new one, the rollout still replaces
 * instances, or it was told to delete some, after which it counts anew.
 */
export function poolsByRevision(pool: Pool, { partition, updateRevision }: Workload): readonly Pool[] | null {
  const { candidates, before, wanted } = pool;
  const isOld = ({ carrier }: Candidate) => carrier?.revision !== updateRevision;
  const old = candidates.filter(isOld);
  const updated = candidates.filter((candidate) => !isOld(candidate));
  const held = (count: number) => heldAt(count, partition);
  const isRolling = (old.length - held(before)) * (updated.length - (before - held(before))) < 0;
  if (updateRevision === undefined || isRolling || candidates.some(({ goesFirst }) => goesFirst)) return null;
  const goes = (count: number) => {
    const all = Math.max(0, candidates.length - count);
    const ofOld = Math.min(all, Math.max(0, old.length - held(count)));
    return { ofOld, ofUpdated: all - ofOld };
  };
  const [first, then] = [goes(before), goes(wanted)];
  return [
    { ...pool, candidates: old, before: old.length - first.ofOld, wanted: old.length - then.ofOld },
    { ...pool, candidates: updated, before: updated.length - first.ofUpdated, wanted: updated.length - then.ofUpdated },
  ];
}

/**
 * How many instances stay at an older revision; a percentage below 100 lets at least one go on (RBG's
 * CalculatePartitionReplicas).
 */
function heldAt(replicas: number, partition: Workload['partition']): number {
  const held = resolvePartition(partition, replicas);
  const most = partition?.kind === 'percent' && partition.value < 100 ? replicas - 1 : replicas;
  return Math.max(0, Math.min(held, most));
}
