/** What `consolidate` decides on: everything is an index, so that the same problem gives the same answer anywhere. */
export interface ConsolidationProblem {
  /** Value of each node once it is free; 0 for a node that cannot become free. */
  readonly nodeValues: readonly number[];
  readonly members: readonly Member[];
  /** How many members of each pool are to be removed. */
  readonly budgets: readonly number[];
}

/** A candidate that may be removed. */
export interface Member {
  readonly pool: number;
  /** The nodes that it keeps busy, each once. */
  readonly nodes: readonly number[];
  /** Higher is more worth keeping. */
  readonly keep: number;
  readonly ordinal: number;
}

/**
 * Chooses exactly `budgets[p]` members of every pool (all of them where there are fewer). In order: most value of nodes
 * freed, by the greedy rule of the planner's notes (cheapest node first, where a node costs 1 / what is left of the
 * budget for every member still on it, over the value that their removal frees); then progress, the value of a node
 * divided among the members that still hold it; then the lower keep; then the higher ordinal. Returns indices of
 * members, ascending.
 */
export function consolidate(problem: ConsolidationProblem): readonly number[] {
  const { nodeValues, members } = problem;
  const left = [...problem.budgets];
  const removed = new Set<number>();
  const holders: number[][] = nodeValues.map(() => []);
  for (const [index, member] of members.entries()) for (const node of member.nodes) holders[node]?.push(index);

  const remove = (index: number, member: Member) => {
    removed.add(index);
    left[member.pool] = (left[member.pool] ?? 0) - 1;
    for (const node of member.nodes) holders[node] = (holders[node] ?? []).filter((holder) => holder !== index);
  };

  for (let node = cheapestNode(); node !== undefined; node = cheapestNode()) {
    for (const index of holders[node] ?? []) {
      const member = members[index];
      if (member !== undefined) remove(index, member);
    }
  }
  for (let next = bestRemaining(); next !== undefined; next = bestRemaining()) remove(next.index, next.member);
  return [...removed].sort((a, b) => a - b);

  function cheapestNode(): number | undefined {
    let best: { node: number; order: readonly number[] } | undefined;
    for (const [node, value] of nodeValues.entries()) {
      const order = value > 0 ? clearingOrder(holders[node] ?? []) : undefined;
      if (order !== undefined && (best === undefined || compareOrders(order, best.order) < 0)) best = { node, order };
    }
    return best?.node;
  }

  function clearingOrder(indices: readonly number[]): readonly number[] | undefined {
    if (indices.length === 0) return undefined;
    const need = new Map<number, number>();
    let cost = 0;
    let keep = 0;
    let ordinals = 0;
    for (const index of indices) {
      const member = members[index];
      if (member === undefined) return undefined;
      const needed = (need.get(member.pool) ?? 0) + 1;
      const budget = left[member.pool] ?? 0;
      if (needed > budget) return undefined;
      need.set(member.pool, needed);
      cost += 1 / budget;
      keep += member.keep;
      ordinals += member.ordinal;
    }
    return [cost / valueWithout(indices), keep, -ordinals];
  }

  /** What removing these members frees: a member on several nodes may free more than the one that is looked at. */
  function valueWithout(indices: readonly number[]): number {
    const touched = new Set(indices.flatMap((index) => members[index]?.nodes ?? []));
    return [...touched]
      .filter((node) => (holders[node] ?? []).every((holder) => indices.includes(holder)))
      .reduce((sum, node) => sum + (nodeValues[node] ?? 0), 0);
  }

  function bestRemaining(): { index: number; member: Member } | undefined {
    let best: { index: number; member: Member; order: readonly number[] } | undefined;
    for (const [index, member] of members.entries()) {
      if (removed.has(index) || (left[member.pool] ?? 0) <= 0) continue;
      const progress = member.nodes.reduce(
        (sum, node) => sum + (nodeValues[node] ?? 0) / (holders[node]?.length || 1),
        0,
      );
      const order = [-progress, member.keep, -member.ordinal];
      if (best === undefined || compareOrders(order, best.order) < 0) best = { index, member, order };
    }
    return best;
  }
}

/** Lexicographic; differences below rounding noise count as equal, so that the next criterion decides. */
function compareOrders(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (Math.abs(difference) > 1e-9) return difference;
  }
  return 0;
}
