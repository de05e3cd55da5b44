import type { ConsolidationProblem, Spread } from './problem.ts';
import { balance, type Kind, type Place } from './spread-balance.ts';

/**
 * Chooses within what is declared of the spread. A free choice stands if it keeps the spread. Otherwise members are
 * told apart by the domains that they are in: of each kind as many go as the free choice took, moved from one kind to
 * another only as far as the spread asks, and then a new choice is made with these as budgets. Where no choice keeps
 * the spread, that of the least excess is made; this is exact for one spread whose members are in one domain each and
 * in one pool.
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
 * The same problem with a pool for each kind of members that a spread tells apart, each losing its part of the budget,
 * as even as the spreads ask: for what is only looked ahead at.
 */
export function dividedEvenly(problem: ConsolidationProblem): ConsolidationProblem {
  const { spreads, budgets, members } = problem;
  if (spreads === undefined) return problem;
  const kinds = kindsOf(problem, spreads, []);
  for (const [pool, own] of Map.groupBy(kinds, (kind) => kind.pool)) {
    const size = own.reduce((total, kind) => total + kind.members.length, 0);
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
