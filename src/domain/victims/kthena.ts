import { sumOf } from './candidate-sum.ts';
import { kthenaCost } from './cost-grammar.ts';
import { encodeSums, rankAt } from './kthena-sums.ts';
import { type Candidate, type CostText, type Pool, type SteerableConsumer, writtenCosts } from './pool.ts';

/** The order of a list of candidates, the first so many of which are protected. */
function inOrder(candidates: readonly Candidate[], partition: number, costs: CostText): readonly Candidate[] {
  return candidates
    .map((candidate, position) => ({
      candidate,
      rank: rankAt(candidate, position, partition),
      sum: sumOf(candidate.pods, costs),
    }))
    .sort((a, b) => a.rank - b.rank || a.sum - b.sum || b.candidate.ordinal - a.candidate.ordinal)
    .map(({ candidate }) => candidate);
}

/** Which role replicas of one group go, besides those on their way out, when `wanted` are to be kept. */
export function surplusReplicas(
  replicas: readonly Candidate[],
  wanted: number,
  partition: number,
): readonly Candidate[] {
  const live = inOrder(replicas, partition, writtenCosts).filter(({ deleting }) => !deleting);
  return live.slice(0, Math.max(0, live.length - wanted));
}

/**
 * Kthena's order, groups and role replicas alike: unprotected by list position before protected, not ready first, the
 * lower sum of costs, the higher ordinal. Groups on their way out keep counting, and rank with those that are not
 * ready, on every recount; role replicas on their way out do neither.
 */
function kthena(level: 'group' | 'role'): SteerableConsumer {
  const counts = (candidate: Candidate) => level === 'group' || !candidate.deleting;

  const order = (pool: Pool, costs: CostText) => inOrder(pool.candidates, pool.partition, costs).filter(counts);

  return {
    readsCosts: true,
    firstGoes: 'not ready first, then the lowest cost',
    parse: kthenaCost,
    rank: (candidate, pool) => rankAt(candidate, pool.candidates.indexOf(candidate), pool.partition),
    order,
    victims(pool, wanted, costs) {
      const ordered = order(pool, costs);
      const going = new Set(pool.candidates.filter((candidate) => candidate.deleting));
      for (const candidate of ordered.slice(0, Math.max(0, ordered.length - wanted))) going.add(candidate);
      return [...going];
    },
    encode: (pool, committed, chosen, scoreOf) => encodeSums(level === 'group', pool, committed, chosen, scoreOf),
  };
}

export const kthenaGroups = kthena('group');
export const kthenaRoles = kthena('role');
