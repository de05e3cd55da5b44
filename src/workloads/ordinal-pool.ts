import { highestOrdinal } from '../domain/victims/highest-ordinal.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';
import { missingOrdinals } from '../domain/victims/vacancies.ts';
import type { Reading } from './adapter.ts';
import { poolOf } from './pool-of.ts';
import { candidateOf, type Unit } from './unit.ts';

/**
 * What a controller that counts in ordinals does on a request: the highest of these units go, which no cost can change,
 * and the lowest missing ones are created, each called `<prefix>-<ordinal>`.
 */
export function scaleOrdinals(
  request: ScaleRequest,
  units: readonly Unit[],
  now: number,
  prefix = request.workload.name,
): Reading {
  const missing = missingOrdinals(units, request.to, request.workload.firstOrdinal);
  return {
    pools: [poolOf(request, highestOrdinal, units.map(candidateOf), now)],
    created: missing.map((ordinal) => `${prefix}-${ordinal}`),
    warnings: [],
  };
}
