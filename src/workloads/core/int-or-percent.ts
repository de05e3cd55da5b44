import type { IntOrPercent } from '../../domain/fleet/workload.ts';

/** Reads an IntOrString that may be a percentage; null for what is neither. */
export function readIntOrPercent(value: unknown): IntOrPercent | null {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value !== 'string') return null;
  const match = /^(\d+)(%?)$/.exec(value);
  return match === null ? null : { kind: match[2] === '%' ? 'percent' : 'int', value: Number(match[1]) };
}
