/** What is known of how far a workload, or a role of it, will still shrink. Counts are replicas; null where unknown. */
export interface FloorFacts {
  readonly replicas: number;
  /** The annotation `packdown.io/floor` as written, valid or not. */
  readonly annotation: string | undefined;
  /**
   * minReplicas of an HPA or AutoscalingPolicy, minReplicaCount of a ScaledObject; the count of now for one that only
   * grows. The highest.
   */
  readonly autoscaler: number | null;
  /** What the ordering rules let nobody go below: partition, gang, ratio. */
  readonly rules: number | null;
  /** The lowest count seen at this time of the last days. */
  readonly seenLow: number | null;
}

export type FloorSource = 'annotation' | 'seen' | 'autoscaler' | 'rules' | 'guess';

export interface Floor {
  readonly floor: number;
  readonly source: FloorSource;
}

/** How much a workload shrinks of which nothing is known: to expect too little costs less than to expect too much. */
const GUESSED_SHRINK = 0.2;

/**
 * How far a workload is expected to shrink: what its annotation declares, whatever else is known; else the highest of
 * the lowest count seen, its autoscaler's minimum and what the ordering rules allow, since it goes below none of them;
 * else a guess.
 */
export function floorOf({ replicas, annotation, autoscaler, rules, seenLow }: FloorFacts): Floor {
  const declared = parseFloorAnnotation(annotation);
  if (declared !== null) return { floor: declared, source: 'annotation' };
  const known: readonly Floor[] = [
    ...(seenLow === null ? [] : [{ floor: seenLow, source: 'seen' as const }]),
    ...(autoscaler === null ? [] : [{ floor: autoscaler, source: 'autoscaler' as const }]),
    ...(rules === null ? [] : [{ floor: rules, source: 'rules' as const }]),
  ];
  // Of equal ones the first is named.
  const [highest] = known.toSorted((a, b) => b.floor - a.floor);
  return highest ?? { floor: Math.ceil(replicas * (1 - GUESSED_SHRINK)), source: 'guess' };
}

/** A whole number of replicas, 0 or more; null for anything else. */
export function parseFloorAnnotation(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}
