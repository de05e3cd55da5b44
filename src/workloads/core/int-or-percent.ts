import type { IntOrPercent } from '../../domain/fleet/workload.ts';

/** Reads an IntOrString; null for a text that is no percentage, which the controllers that read one refuse as well. */
export function readIntOrPercent(value: unknown): IntOrPercent | null {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value !== 'string') return null;
  const percent = /^(\d+)%$/.exec(value);
  return percent === null ? null : { kind: 'percent', value: Number(percent[1]) };
}
