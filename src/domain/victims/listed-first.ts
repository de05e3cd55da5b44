import type { Consumer } from './pool.ts';

/**
 * The order of a list that the object itself holds: candidates come in the order in which they go. No cost changes it.
 */
export const listedFirst: Consumer = {
  readsCosts: false,
  firstGoes: 'what its list names',
  parse: () => 0,
  rank: () => 0,
  order: ({ candidates }) => candidates,
  victims: ({ candidates }, wanted) => candidates.slice(0, Math.max(0, candidates.length - wanted)),
  encode: () => ({ ok: false, reason: 'its controller reads no costs: what its list names goes first' }),
};
