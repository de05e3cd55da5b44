import type { ConsolidationProblem, Warm } from './problem.ts';
import type { Found } from './search.ts';

/**
 * Frees nodes where some are to stay warm: of a class that misses m free nodes, the first m that become free are worth
 * nothing. Counts all of them first; a class of which no more than m become free is worth nothing at all, and the
 * search is made anew without it, at most once a class. The value is without what stays warm; the bound is the first
 * search's, which counts more than can be gained.
 */
export function beyondWarm(problem: ConsolidationProblem, search: (problem: ConsolidationProblem) => Found): Found {
  const first = search(problem);
  let [current, found] = [problem, first];
  for (let idle = idleOf(current, found.freed); idle.length > 0; idle = idleOf(current, found.freed)) {
    current = without(current, idle);
    found = search(current);
  }
  const warm = (current.warm ?? []).reduce((sum, kept) => sum + worthOf(kept, current, found.freed), 0);
  return { ...found, value: found.value - warm, bound: first.bound };
}

/** Classes of which some nodes become free, but no more than are missing. */
function idleOf({ warm = [] }: ConsolidationProblem, freed: readonly number[]): readonly Warm[] {
  return warm.filter((kept) => {
    const count = freed.filter((node) => kept.nodes.includes(node)).length;
    return count > 0 && count <= kept.missing;
  });
}

function without(problem: ConsolidationProblem, idle: readonly Warm[]): ConsolidationProblem {
  const ignored = new Set(idle.flatMap(({ nodes }) => nodes));
  return {
    ...problem,
    nodeValues: problem.nodeValues.map((value, node) => (ignored.has(node) ? 0 : value)),
    warm: (problem.warm ?? []).filter((kept) => !idle.includes(kept)),
  };
}

/** What the missing nodes of a class are worth: the least valuable of those that become free. */
function worthOf({ nodes, missing }: Warm, { nodeValues }: ConsolidationProblem, freed: readonly number[]): number {
  const values = freed.filter((node) => nodes.includes(node)).map((node) => nodeValues[node] ?? 0);
  return values
    .sort((a, b) => a - b)
    .slice(0, missing)
    .reduce((sum, value) => sum + value, 0);
}
