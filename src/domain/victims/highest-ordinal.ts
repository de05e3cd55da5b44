import type { FixedConsumer } from './pool.ts';

/**
 * StatefulSet's order, and that of all who count in ordinals: the highest first, and only ordinals that lie beyond the
 * wanted ones. It reads no costs.
 */
export const highestOrdinal: FixedConsumer = {
  readsCosts: false,
  firstGoes: 'the highest ordinal',

  order(pool) {
    return [...pool.candidates].sort((a, b) => b.ordinal - a.ordinal);
  },

  victims(pool, wanted, costs) {
    const end = pool.request.workload.firstOrdinal + wanted;
    return highestOrdinal.order(pool, costs).filter((candidate) => candidate.ordinal >= end);
  },
};
