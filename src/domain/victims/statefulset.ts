import type { Consumer } from './pool.ts';

/** StatefulSet's order: the highest ordinal first, and only ordinals that lie beyond the wanted ones. It reads no costs. */
export const statefulSet: Consumer = {
  readsCosts: false,
  parse: () => 0,
  rank: () => 0,

  order(pool) {
    return [...pool.candidates].sort((a, b) => b.ordinal - a.ordinal);
  },

  victims(pool, wanted, costs) {
    const end = pool.firstOrdinal + wanted;
    return statefulSet.order(pool, costs).filter((candidate) => candidate.ordinal >= end);
  },

  encode: () => ({ ok: false, reason: 'StatefulSet reads no costs: the highest ordinals go first' }),
};
