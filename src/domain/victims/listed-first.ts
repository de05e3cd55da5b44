import type { FixedConsumer } from './pool.ts';

/**
 * The order of a list that the object itself holds: candidates come in the order in which they go. No cost changes it.
 */
export const listedFirst: FixedConsumer = {
  readsCosts: false,
  firstGoes: 'what its list names',
  order: ({ candidates }) => candidates,
  victims: ({ candidates }, wanted) => candidates.slice(0, Math.max(0, candidates.length - wanted)),
};
