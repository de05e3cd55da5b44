export const MAX_COST = 2 ** 31 - 1;
export const MIN_COST = -(2 ** 31);

/**
 * A cost as ReplicaSet reads it: `0`, or an int32 whose first character is `-` or `1`–`9`. Everything else counts 0.
 * Source: Kubernetes' pod-deletion-cost parsing; the apiserver refuses other forms on pods, but a Binding can land them.
 */
export function replicaSetCost(text: string | null): number {
  if (text === null || !/^(0|[1-9]\d*|-\d+)$/.test(text)) return 0;
  return inRange(Number(text), MIN_COST, MAX_COST);
}

/** A cost as Kthena reads it: Go's strconv.Atoi, so a sign and leading zeros are fine. Everything else counts 0. */
export function kthenaCost(text: string | null): number {
  if (text === null || !/^[+-]?\d+$/.test(text)) return 0;
  return inRange(Number(text), Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

function inRange(value: number, min: number, max: number): number {
  return value >= min && value <= max ? value : 0;
}
