/** A taint of a node that keeps pods off: its effect is NoSchedule or NoExecute. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What a pod bears; a key or an effect that is '' stands for all. */
export interface Toleration {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  readonly effect: string;
}

/**
 * Whether a pod may go where the taints are, as Kubernetes' TaintToleration plugin has it; an operator that it does not
 * know bears nothing.
 */
export function toleratesAll(tolerations: readonly Toleration[], taints: readonly Taint[]): boolean {
  return taints.every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)));
}

function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if ((effect !== '' && effect !== taint.effect) || (key !== '' && key !== taint.key)) return false;
  return operator === 'Exists' || (operator === 'Equal' && value === taint.value);
}
