/**
 * Which pods the StatefulSet controller of apps/v1 deletes: an independent model for tests. It imports nothing from src,
 * on purpose. No cost, readiness or partition plays a part.
 */

/** One pod: `ordinal` is the number its name ends in. */
export interface OracleOrdinalPod {
  name: string;
  ordinal: number;
}

/**
 * The names of the pods deleted when the set is scaled to `replicas`, highest ordinal first. Ordinals are what counts,
 * not the number of pods: with 0, 2 and 3 present, scaling to 2 deletes 3 and 2.
 */
export function statefulSetVictims(pods: readonly OracleOrdinalPod[], replicas: number): string[] {
  return pods
    .filter((pod) => pod.ordinal >= replicas)
    .sort((a, b) => b.ordinal - a.ordinal)
    .map((pod) => pod.name);
}
