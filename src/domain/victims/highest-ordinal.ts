import type { Consumer } from './pool.ts';

/**
 * StatefulSet's order, and that of all who count in ordinals: the highest first, and only ordinals that lie beyond the
 * wanted ones. It reads no costs.
 */
export const highestOrdinal: Consumer = {
  readsCosts: false,
  firstGoes: 'the highest ordinal',
  parse: () => 0,
  rank: () => 0,

  order(pool) {
    return [...pool.candidates].sort((a, b) => b.ordinal - a.ordinal);
  },

  victims(pool, wanted, costs) {
    const end = pool.firstOrdinal + wanted;
    return highestOrdinal.order(pool, costs).filter((candidate) => candidate.ordinal >= end);
  },

  encode: () => ({ ok: false, reason: 'its controller reads no costs: the highest ordinals go first' }),
};
