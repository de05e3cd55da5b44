import type { OracleOptions, OraclePod, OracleServing } from './kthena.ts';

export const DECODE = { name: 'decode', replicas: 1, workers: 1 };
export const RANKS = ['as-live', 'as-not-ready'] as const;
export const firstGiven = () => 0;
export const asLive: OracleOptions = { deletingRank: 'as-live', random: firstGiven };
export const asNotReady: OracleOptions = { deletingRank: 'as-not-ready', random: firstGiven };

/** One role replica: the entry pod first, one cost a pod. */
export function replica(
  group: number,
  roleOrdinal: number,
  costs: readonly (string | undefined)[],
  state: Partial<OraclePod> = {},
): OraclePod[] {
  return costs.map((cost, index) => ({
    name: `ms-${group}-decode-${roleOrdinal}-${index}`,
    group: `ms-${group}`,
    groupOrdinal: group,
    role: 'decode',
    roleOrdinal,
    entry: index === 0,
    cost,
    ready: true,
    deleting: false,
    ...state,
  }));
}

export function serving(replicas: number, more: Partial<OracleServing> = {}): OracleServing {
  return { name: 'ms', replicas, roles: [DECODE], ...more };
}

/** Groups 0, 1, 2 … of one role replica each, from their pods' costs. */
export function groups(...costs: (readonly (string | undefined)[])[]): OraclePod[] {
  return costs.flatMap((pods, ordinal) => replica(ordinal, 0, pods));
}

/** The same, with one pod a group. */
export const SINGLE = { roles: [{ name: 'decode', replicas: 1, workers: 0 }] };
export function singles(...costs: (string | undefined)[]): OraclePod[] {
  return groups(...costs.map((cost) => [cost]));
}
