import type { Candidate, FixedConsumer, Pool } from './pool.ts';
import { rankOfPod } from './replicaset.ts';

/**
 * The order of Grove's PodClique (DeletionSorter): not assigned, then Pending or finished, Unknown, Running, then not
 * ready, then of an older template, then newer. It reads no costs.
 */
export const newestFirst: FixedConsumer = {
  readsCosts: false,
  firstGoes: 'what is not ready, then the newest',

  order: (pool) => [...pool.candidates].sort(compare),

  victims(pool, wanted) {
    const { surplus, equals } = cutAt(pool, wanted);
    const going = pool.candidates.filter(({ deleting }) => deleting);
    return [...going, ...surplus.filter((candidate) => !equals.includes(candidate))];
  },

  undecided(pool, wanted) {
    const { surplus, equals } = cutAt(pool, wanted);
    return { among: equals, count: surplus.filter((candidate) => equals.includes(candidate)).length };
  },
};

function rank({ pods: [pod] }: Candidate): number {
  return pod === undefined ? 0 : rankOfPod(pod);
}

function compare(a: Candidate, b: Candidate): number {
  const created = ({ pods }: Candidate) => pods[0]?.created ?? 0;
  return (
    rank(a) - rank(b) ||
    Number(b.outdated ?? false) - Number(a.outdated ?? false) ||
    // In whole seconds, and Grove creates the pods of a clique at the same time.
    created(b) - created(a)
  );
}

/** What is too many, by the order, and all that are equal to both the last of these and the first that stays. */
function cutAt(
  { candidates }: Pool,
  wanted: number,
): { readonly surplus: readonly Candidate[]; readonly equals: readonly Candidate[] } {
  const staying = candidates.filter(({ deleting }) => !deleting).sort(compare);
  const count = Math.max(0, staying.length - wanted);
  const [last, first] = [staying[count - 1], staying[count]];
  const isCutAmongEquals = last !== undefined && first !== undefined && compare(last, first) === 0;
  const equals = isCutAmongEquals ? staying.filter((candidate) => compare(candidate, first) === 0) : [];
  return { surplus: staying.slice(0, count), equals };
}
