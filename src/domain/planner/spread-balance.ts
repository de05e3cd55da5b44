import type { Spread } from './problem.ts';

/** Members of one pool that are in the same domains. */
export interface Kind {
  readonly pool: number;
  readonly members: number[];
  /** How many go. */
  quota: number;
  /** Where one such member has how many pods. */
  readonly places: readonly Place[];
}

export interface Place {
  readonly spread: number;
  readonly domain: number;
  readonly pods: number;
}

/** How much the counts of the domains exceed what is allowed between the highest and the lowest of them. */
export function excess(counts: readonly number[], maxSkew: number): number {
  const [lowest, highest] = endsOf(counts);
  return Math.max(0, highest - lowest - maxSkew);
}

/**
 * How many moves that make the counts no more even may follow the last that lowered the excess: some are needed
 * together.
 */
const PATIENCE = 8;

/**
 * Moves quotas within their pools while a spread is exceeded: each time the move that makes the counts most even, by
 * the sum of their variances, of those that take from the fullest domain or give to the emptiest, and that undo none of
 * the last. Ends with the quotas of the least excess that were met; false where these are the ones it began with.
 */
export function balance(kinds: readonly Kind[], spreads: readonly Spread[]): boolean {
  const counts = spreads.map((spread) => [...spread.counts]);
  const change = ({ places }: Kind, members: number) => {
    for (const { spread, domain, pods } of places) {
      const own = counts[spread] ?? [];
      own[domain] = (own[domain] ?? 0) - members * pods;
    }
  };
  for (const kind of kinds) change(kind, kind.quota);
  const excesses = () => spreads.map(({ maxSkew }, spread) => excess(counts[spread] ?? [], maxSkew));
  const pools = [...Map.groupBy(kinds, ({ pool }) => pool).values()];

  const first = kinds.map(({ quota }) => quota);
  let best = first;
  let last: Move[] = [];
  let left = excesses();
  for (let least = sum(left); least > 0 && last.filter(({ gain }) => gain <= 0).length <= PATIENCE; ) {
    const move = bestMove(pools, counts, left.indexOf(Math.max(...left)), last);
    if (move === null) break;
    move.more.quota += 1;
    change(move.more, 1);
    move.fewer.quota -= 1;
    change(move.fewer, -1);
    last.push(move);
    left = excesses();
    if (sum(left) >= least) continue;
    least = sum(left);
    best = kinds.map(({ quota }) => quota);
    last = [];
  }
  for (const [index, kind] of kinds.entries()) kind.quota = best[index] ?? 0;
  return best !== first;
}

interface Move {
  /** Of this kind one more goes, and of that one fewer. */
  readonly more: Kind;
  readonly fewer: Kind;
  /** By how much the sum of variances falls, in its own unit. */
  readonly gain: number;
}

/**
 * The move at the ends of a spread that lowers the sum of variances the most, or raises it the least; null for none.
 */
function bestMove(
  pools: readonly Kind[][],
  counts: readonly number[][],
  worst: number,
  last: readonly Move[],
): Move | null {
  const [lowest, highest] = endsOf(counts[worst] ?? []);
  const sums = counts.map((own) => ({ sum: sum(own), domains: own.length || 1 }));
  const isAt = ({ places }: Kind, end: number) =>
    places.some(({ spread, domain }) => spread === worst && counts[worst]?.[domain] === end);
  let best: Move | null = null;
  for (const kinds of pools) {
    const takers = kinds
      .filter((kind) => kind.quota < kind.members.length && last.every(({ fewer }) => fewer !== kind))
      .map((kind) => ({ kind, gain: squaresLess(kind, 1, counts), helps: isAt(kind, highest) }));
    const givers = kinds
      .filter((kind) => kind.quota > 0 && last.every(({ more }) => more !== kind))
      .map((kind) => ({ kind, gain: squaresLess(kind, -1, counts), helps: isAt(kind, lowest) }));
    for (const more of takers) {
      for (const fewer of givers) {
        if (more.kind === fewer.kind || !(more.helps || fewer.helps)) continue;
        const together = 2 * overlap(more.kind, fewer.kind) + meanShift(more.kind, fewer.kind, sums);
        const gain = more.gain + fewer.gain + together;
        if (best === null || gain > best.gain) best = { more: more.kind, fewer: fewer.kind, gain };
      }
    }
  }
  return best;
}

/** By how much the sum of squares falls where so many more members of a kind go. */
function squaresLess({ places }: Kind, members: number, counts: readonly number[][]): number {
  return sum(
    places.map(({ spread, domain, pods }) => {
      const count = counts[spread]?.[domain] ?? 0;
      return count ** 2 - (count - members * pods) ** 2;
    }),
  );
}

/** By how much the sum of variances falls besides, since the mean moves. */
function meanShift(more: Kind, fewer: Kind, sums: readonly { sum: number; domains: number }[]): number {
  return sum(
    sums.map(({ sum: before, domains }, spread) => {
      const after = before + podsIn(fewer, spread) - podsIn(more, spread);
      return (after ** 2 - before ** 2) / domains;
    }),
  );
}

function podsIn({ places }: Kind, spread: number): number {
  return places.reduce((total, place) => total + (place.spread === spread ? place.pods : 0), 0);
}

/** What both do to the same domains cancels out. */
function overlap({ places }: Kind, other: Kind): number {
  let common = 0;
  for (const { spread, domain, pods } of places)
    for (const place of other.places)
      if (place.spread === spread && place.domain === domain) common += pods * place.pods;
  return common;
}

function endsOf(counts: readonly number[]): readonly [lowest: number, highest: number] {
  let [lowest, highest] = [counts[0] ?? 0, counts[0] ?? 0];
  for (const count of counts) {
    if (count < lowest) lowest = count;
    if (count > highest) highest = count;
  }
  return [lowest, highest];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
