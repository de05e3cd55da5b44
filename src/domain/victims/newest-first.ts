import type { Candidate, Consumer } from './pool.ts';
import { rankOfPod } from './replicaset.ts';

/**
 * The order of Grove's PodClique (DeletionSorter): not assigned, then Pending or finished, Unknown, Running, then not
 * ready, then of an older template, then newer. It reads no costs.
 */
export const newestFirst: Consumer = {
  readsCosts: false,
  firstGoes: 'what is not ready, then the newest',
  parse: () => 0,
  rank: ({ pods: [pod] }) => (pod === undefined ? 0 : rankOfPod(pod)),

  order(pool) {
    const created = ({ pods }: Candidate) => pods[0]?.created ?? 0;
    return [...pool.candidates].sort(
      (a, b) =>
        newestFirst.rank(a, pool) - newestFirst.rank(b, pool) ||
        Number(b.outdated ?? false) - Number(a.outdated ?? false) ||
        created(b) - created(a),
    );
  },

  victims(pool, wanted, costs) {
    const going = pool.candidates.filter(({ deleting }) => deleting);
    const staying = newestFirst.order(pool, costs).filter(({ deleting }) => !deleting);
    return [...going, ...staying.slice(0, Math.max(0, staying.length - wanted))];
  },

  encode: () => ({ ok: false, reason: 'its controller reads no costs: the newest pods go first' }),
};
