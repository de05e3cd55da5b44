import { kthenaCost } from './cost-grammar.ts';
import { encodeSums, rankAt, sumOf } from './kthena-sums.ts';
import type { Candidate, Consumer, CostText, Pool } from './pool.ts';

/**
 * Kthena's order, groups and role replicas alike: unprotected by list position before protected, not ready first, the
 * lower sum of costs, the higher ordinal. Groups on their way out keep counting and ranking like any other, on every
 * recount; role replicas on their way out do neither.
 */
function kthena(level: 'group' | 'role'): Consumer {
  const counts = (candidate: Candidate) => level === 'group' || !candidate.deleting;

  const order = (pool: Pool, costs: CostText): readonly Candidate[] => {
    const key = (candidate: Candidate, position: number) => ({
      candidate,
      rank: rankAt(candidate, position, pool.partition),
      sum: sumOf(candidate.pods, costs),
    });
    return pool.candidates
      .map(key)
      .filter(({ candidate }) => counts(candidate))
      .sort((a, b) => a.rank - b.rank || a.sum - b.sum || b.candidate.ordinal - a.candidate.ordinal)
      .map(({ candidate }) => candidate);
  };

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
