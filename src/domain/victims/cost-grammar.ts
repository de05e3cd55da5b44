export const MAX_COST = 2 ** 31 - 1;
export const MIN_COST = -(2 ** 31);

/**
 * A cost as ReplicaSet reads it: `0`, or an int32 whose first character is `-` or `1`–`9`. Everything else counts 0.
 * Source: Kubernetes' pod-deletion-cost parsing; the apiserver refuses other forms on pods, but a Binding can land
 * them.
 */
export function replicaSetCost(text: string | null): number {
  if (text === null || text.startsWith('0') || text.startsWith('+')) return 0;
  return integer(text, MIN_COST, MAX_COST);
}

/** A cost as Kthena reads it: Go's strconv.Atoi, so a sign and leading zeros are fine. Everything else counts 0. */
export function kthenaCost(text: string | null): number {
  return text === null ? 0 : integer(text, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

/**
 * A sign, if there is one, and digits; 0 for anything else and out of range. Every pod of a workload is read at each
 * review: no RegExp.
 */
function integer(text: string, min: number, max: number): number {
  const isNegative = text.startsWith('-');
  const start = isNegative || text.startsWith('+') ? 1 : 0;
  if (text.length === start) return 0;
  let size = 0;
  for (let index = start; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return 0;
    size = 10 * size + digit;
  }
  const value = isNegative ? 0 - size : size;
  return value >= min && value <= max ? value : 0;
}
