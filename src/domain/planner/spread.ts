import type { ConsolidationProblem, Spread } from './problem.ts';

/** How much the counts of the domains exceed what is allowed between the highest and the lowest of them. */
export function excess(counts: readonly number[], maxSkew: number): number {
  const [lowest, highest] = endsOf(counts);
  return Math.max(0, highest - lowest - maxSkew);
}

/**
 * Chooses within what is declared of the spread. A free choice stands if it keeps the spread. Otherwise members are told
 * apart by the domains that they are in: of each kind as many go as the free choice took, moved from one kind to another
 * only as far as the spread asks, and then a new choice is made with these as budgets. Where no choice keeps the spread,
 * that of the least excess is made; this is exact for one spread whose members are in one domain each and in one pool.
 */
export function withinSpread(
  problem: ConsolidationProblem,
  choose: (problem: ConsolidationProblem) => readonly number[],
): readonly number[] {
  const free = choose(problem);
  if (problem.spreads === undefined) return free;
  const kinds = kindsOf(problem, problem.spreads, free);
  return balance(kinds, problem.spreads) ? choose(divided(problem, kinds)) : free;
}

/**
 * The same problem with a pool for each kind of members that a spread tells apart, each losing its part of the budget, as
 * even as the spreads ask: for what is only looked ahead at.
 */
export function dividedEvenly(problem: ConsolidationProblem): ConsolidationProblem {
  const { spreads, budgets, members } = problem;
  if (spreads === undefined) return problem;
  const kinds = kindsOf(problem, spreads, []);
  for (const [pool, own] of Map.groupBy(kinds, (kind) => kind.pool)) {
    const size = sum(own.map((kind) => kind.members.length));
    let [before, seen] = [0, 0];
    for (const kind of own) {
      seen += kind.members.length;
      const until = Math.round((Math.min(budgets[pool] ?? 0, size) * seen) / size);
      kind.quota = until - before;
      before = until;
    }
  }
  balance(kinds, spreads);
  return kinds.length === new Set(members.map(({ pool }) => pool)).size ? problem : divided(problem, kinds);
}

/** Members of one pool that are in the same domains. */
interface Kind {
  readonly pool: number;
  readonly members: number[];
  /** How many go. */
  quota: number;
  /** Where one such member has how many pods. */
  readonly places: readonly Place[];
}

interface Place {
  readonly spread: number;
  readonly domain: number;
  readonly pods: number;
}

function kindsOf({ members }: ConsolidationProblem, spreads: readonly Spread[], free: readonly number[]): Kind[] {
  const kinds = new Map<string, Kind>();
  const going = new Set(free);
  for (const [member, { pool }] of members.entries()) {
    const places = spreads.flatMap(({ domains }, spread) => placesOf(domains.get(member) ?? [], spread));
    const key = `${pool} ${places.map(({ spread, domain, pods }) => `${spread}:${domain}:${pods}`).join()}`;
    const kind = kinds.get(key) ?? { pool, members: [], quota: 0, places };
    kinds.set(key, kind);
    kind.members.push(member);
    if (going.has(member)) kind.quota += 1;
  }
  return [...kinds.values()];
}

function placesOf(domains: readonly number[], spread: number): readonly Place[] {
  const ascending = [...domains].sort((a, b) => a - b);
  return [...Map.groupBy(ascending, (domain) => domain)].map(([domain, { length: pods }]) => ({
    spread,
    domain,
    pods,
  }));
}

/** How many moves that make the counts no more even may follow the last that lowered the excess: some are needed together. */
const PATIENCE = 8;

/**
 * Moves quotas within their pools while a spread is exceeded: each time the move that makes the counts most even, by the
 * sum of their variances, of those that take from the fullest domain or give to the emptiest, and that undo none of the
 * last. Ends with the quotas of the least excess that were met; false where these are the ones it began with.
 */
function balance(kinds: readonly Kind[], spreads: readonly Spread[]): boolean {
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

/** The move at the ends of a spread that lowers the sum of variances the most, or raises it the least; null for none. */
function bestMove(
  pools: readonly Kind[][],
  counts: readonly number[][],
  worst: number,
  last: readonly Move[],
): Move | null {
  const [lowest, highest] = endsOf(counts[worst] ?? []);
  const sums = counts.map(sum);
  const isAt = ({ places }: Kind, end: number) =>
    places.some(({ spread, domain }) => spread === worst && counts[worst]?.[domain] === end);
  /** By how much the sum of squares falls with so many more of a kind. */
  const squares = ({ places }: Kind, members: number) =>
    sum(
      places.map(({ spread, domain, pods }) => {
        const count = counts[spread]?.[domain] ?? 0;
        return count ** 2 - (count - members * pods) ** 2;
      }),
    );
  /** By how much that is less because the mean moves. */
  const mean = (more: Kind, fewer: Kind) =>
    sum(
      sums.map((total, spread) => {
        const after = total + podsIn(fewer, spread) - podsIn(more, spread);
        return (after ** 2 - total ** 2) / (counts[spread]?.length || 1);
      }),
    );
  let best: Move | null = null;
  for (const kinds of pools) {
    const takers = kinds
      .filter((kind) => kind.quota < kind.members.length && last.every(({ fewer }) => fewer !== kind))
      .map((kind) => ({ kind, gain: squares(kind, 1), helps: isAt(kind, highest) }));
    const givers = kinds
      .filter((kind) => kind.quota > 0 && last.every(({ more }) => more !== kind))
      .map((kind) => ({ kind, gain: squares(kind, -1), helps: isAt(kind, lowest) }));
    for (const more of takers) {
      for (const fewer of givers) {
        if (more.kind === fewer.kind || !(more.helps || fewer.helps)) continue;
        const gain = more.gain + fewer.gain + 2 * overlap(more.kind, fewer.kind) + mean(more.kind, fewer.kind);
        if (best === null || gain > best.gain) best = { more: more.kind, fewer: fewer.kind, gain };
      }
    }
  }
  return best;
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

/** The same members in a pool for each kind, whose quota is its budget. */
function divided(problem: ConsolidationProblem, kinds: readonly Kind[]): ConsolidationProblem {
  const { ahead } = problem;
  const poolOf = new Map(kinds.flatMap(({ members }, pool) => members.map((member) => [member, pool] as const)));
  return {
    ...problem,
    budgets: kinds.map(({ quota }) => quota),
    members: problem.members.map((member, index) => ({ ...member, pool: poolOf.get(index) ?? 0 })),
    ...(ahead !== undefined && { ahead: { ...ahead, outlook: outlooksOf(kinds, problem.budgets, ahead.outlook) } }),
  };
}

/** A kind's part of its pool's outlook; what goes beyond the outlook of a pool does so of one of its kinds. */
function outlooksOf(kinds: readonly Kind[], budgets: readonly number[], outlook: readonly number[]): readonly number[] {
  const sizes = budgets.map(() => 0);
  for (const { pool, members } of kinds) sizes[pool] = (sizes[pool] ?? 0) + members.length;
  return kinds.map(({ pool, members, quota }) => {
    const share = ((outlook[pool] ?? 0) * members.length) / (sizes[pool] ?? 1);
    const isForeseen = (budgets[pool] ?? 0) <= (outlook[pool] ?? 0);
    return isForeseen ? Math.max(quota, Math.round(share)) : Math.floor(share);
  });
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
