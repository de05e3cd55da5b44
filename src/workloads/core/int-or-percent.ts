import type { IntOrPercent } from '../../domain/fleet/workload.ts';

/** Reads an IntOrString; null for a text that is no percentage, which the controllers that read one refuse as well. */
export function readIntOrPercent(value: unknown): IntOrPercent | null {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value !== 'string') return null;
  const percent = /^(\d+)%$/.exec(value);
  return percent === null ? null : { kind: 'percent', value: Number(percent[1]) };
}

/** Whether a `maxSurge`, which is none where it is left out, lets a rollout run more replicas than are counted. */
export function maySurge(maxSurge: unknown): boolean {
  return !['0', '0%'].includes(String(maxSurge ?? 0));
}
