/** A group, or a replica of a role, as a scale-down compares it. */
export interface Candidate {
  ordinal: number;
  /** A group that is being deleted is not, unless it was taken for running again. */
  ready: boolean;
  /** The sum of pod-deletion-cost over its pods that are still seen. */
  cost: number;
  deleting: boolean;
}

/**
 * Sorts into the order of deletion: not ready first, then the lower cost, then the higher ordinal. The first
 * `partition` of the list, by position, come after all others whatever they cost.
 *
 * @param candidates in ascending order of ordinals, those being deleted included
 */
function deletionOrder(candidates: Candidate[], partition: number): Candidate[] {
  const byRank = (a: Candidate, b: Candidate) =>
    Number(a.ready) - Number(b.ready) || a.cost - b.cost || b.ordinal - a.ordinal;
  return [...candidates.slice(partition).sort(byRank), ...candidates.slice(0, partition).sort(byRank)];
}

/**
 * The groups that must be gone for `wanted` to be left. Groups being deleted count and rank as well, so one of them
 * that is out-ranked on a recount costs a further group.
 */
export function groupsToDelete(groups: Candidate[], wanted: number, partition: number): Candidate[] {
  return deletionOrder(groups, partition).slice(0, Math.max(0, groups.length - wanted));
}

/** The replicas of a role that must go: those being deleted are neither counted nor ranked, but hold their position. */
export function roleReplicasToDelete(replicas: Candidate[], wanted: number, partition: number): Candidate[] {
  const live = deletionOrder(replicas, partition).filter(({ deleting }) => !deleting);
  return live.slice(0, Math.max(0, live.length - wanted));
}

/** The ordinals a scale-up creates: the lowest ones missing, as many as the count is short. */
export function ordinalsToCreate(existing: number[], wanted: number): number[] {
  const missing = Array.from({ length: wanted }, (_, ordinal) => ordinal).filter(
    (ordinal) => !existing.includes(ordinal),
  );
  return missing.slice(0, Math.max(0, wanted - existing.length));
}

/** The value of a pod-deletion-cost annotation; 0 if there is none or it is no integer. */
export function deletionCost(annotation: string | undefined): number {
  return annotation !== undefined && /^[+-]?\d+$/.test(annotation) ? Number(annotation) : 0;
}

/** A partition as a number of list positions: percentages are of the wanted replicas, rounded up. */
export function resolvePartition(partition: number | string | undefined, replicas: number): number {
  if (typeof partition !== 'string') return partition ?? 0;
  const percent = /^(\d+)%$/.exec(partition)?.[1];
  return percent === undefined ? 0 : Math.ceil((Number(percent) * replicas) / 100);
}
