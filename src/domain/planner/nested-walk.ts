import type { Removal } from './removal.ts';

/**
 * Spends each pool's budget on nested sets of nodes, the innermost first in `sets`. Again and again the best node on
 * which the pool has members loses them: one that becomes free by it, the deepest nested, one whose members of the pool
 * all fit in what is left, one with the fewest members of other pools, the fewest of its own, the lowest number.
 */
export function nestedWalk(removal: Removal, sets: readonly (readonly number[])[]): void {
  const depths = new Map([...sets.entries()].reverse().flatMap(([depth, nodes]) => nodes.map((node) => [node, depth])));
  for (const pool of removal.open()) {
    const nodes = new Set(
      removal
        .staying(pool)
        .flatMap((member) => removal.problem.members[member]?.nodes ?? [])
        .filter((node) => depths.has(node)),
    );
    while ((removal.left[pool] ?? 0) > 0) {
      const stops = [...nodes]
        .map((node) => stopAt(node, pool, removal, depths.get(node) ?? 0))
        .filter(({ own }) => own.length > 0);
      const [first] = stops.sort(byPreference);
      if (first === undefined) break;
      nodes.delete(first.node);
      for (const member of first.own.slice(0, removal.left[pool])) removal.remove(member);
    }
  }
}

interface Stop {
  readonly node: number;
  readonly own: readonly number[];
  readonly foreign: number;
  readonly fits: boolean;
  readonly depth: number;
}

function stopAt(node: number, pool: number, removal: Removal, depth: number): Stop {
  const here = [...removal.on(node)];
  const own = here
    .filter((member) => removal.problem.members[member]?.pool === pool)
    .sort((a, b) => removal.prefer(a, b));
  return { node, own, foreign: here.length - own.length, fits: own.length <= (removal.left[pool] ?? 0), depth };
}

function byPreference(a: Stop, b: Stop): number {
  const clears = ({ foreign, fits }: Stop) => Number(foreign === 0 && fits);
  return (
    clears(b) - clears(a) ||
    a.depth - b.depth ||
    Number(b.fits) - Number(a.fits) ||
    a.foreign - b.foreign ||
    a.own.length - b.own.length ||
    a.node - b.node
  );
}
