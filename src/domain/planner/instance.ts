import { type Lists, listsOf } from './lists.ts';
import type { ConsolidationProblem, Member } from './problem.ts';

/**
 * A problem reduced to what is left to decide. Nodes that the same members hold become free together: they are one
 * block. Blocks are numbered by preference (less worth keeping first, then higher ordinals), so that the lower number
 * may decide wherever values are equal; members are numbered pool by pool.
 */
export interface Instance {
  readonly values: Float64Array;
  /** The nodes of each block. */
  readonly nodes: readonly (readonly number[])[];
  /** The members that hold each block, ascending and therefore grouped by pool. */
  readonly holders: Lists;
  /** The blocks that each member holds. */
  readonly blocks: Lists;
  readonly poolOf: Int32Array;
  /** For each pool its first member, and after the last pool the number of members. */
  readonly firstOf: Int32Array;
  /** How many members of each pool go; fewer than it has here, or 0. */
  readonly budgets: Int32Array;
  /** The problem's number of each member. */
  readonly origins: readonly number[];
  /** Members of pools that go entirely, by the problem's numbers. */
  readonly certain: readonly number[];
  /** Nodes that become free whatever is chosen. */
  readonly certainNodes: readonly number[];
}

/**
 * Leaves out nodes that nobody holds, that are worth nothing, or that are held by more members of a pool than its
 * budget, and pools without a choice. O(incidences · log).
 */
export function compile({ nodeValues, members, budgets }: ConsolidationProblem): Instance {
  const pools: number[][] = budgets.map(() => []);
  for (const [index, { pool }] of members.entries()) pools[pool]?.push(index);
  const open = pools.map((pool, index) => (pool.length > (budgets[index] ?? 0) ? pool : []));
  const certain = pools.flatMap((pool, index) => (open[index]?.length === 0 ? pool : []));
  const origins = open.flat();
  const poolOf = Int32Array.from(open.flatMap((pool, index) => pool.map(() => index)));

  const holdersOf: number[][] = nodeValues.map(() => []);
  for (const [member, origin] of origins.entries())
    for (const node of members[origin]?.nodes ?? []) holdersOf[node]?.push(member);
  const held = new Uint8Array(nodeValues.length);
  for (const { nodes } of members) for (const node of nodes) held[node] = 1;

  const certainNodes: number[] = [];
  const blocks: Block[] = [];
  const blocksFrom: Block[][] = origins.map(() => []);
  for (const [node, value] of nodeValues.entries()) {
    const holders = holdersOf[node] ?? [];
    if (value <= 0 || held[node] === 0 || exceeds(holders, poolOf, budgets)) continue;
    const [first] = holders;
    if (first === undefined) certainNodes.push(node);
    else {
      const known = blocksFrom[first]?.find((block) => isSame(block.holders, holders));
      const block = known ?? { holders, nodes: [], value: 0, ...preference(holders, origins, members) };
      block.nodes.push(node);
      block.value += value;
      if (known !== undefined) continue;
      blocks.push(block);
      blocksFrom[first]?.push(block);
    }
  }
  blocks.sort((a, b) => a.keep - b.keep || b.ordinals - a.ordinals);
  const blocksOf: number[][] = origins.map(() => []);
  for (const [block, { holders }] of blocks.entries()) for (const member of holders) blocksOf[member]?.push(block);
  return {
    values: Float64Array.from(blocks, ({ value }) => value),
    nodes: blocks.map(({ nodes }) => nodes),
    holders: listsOf(blocks.map(({ holders }) => holders)),
    blocks: listsOf(blocksOf),
    poolOf,
    firstOf: listsOf(open).starts,
    budgets: Int32Array.from(budgets, (budget, pool) => (open[pool]?.length === 0 ? 0 : Math.max(0, budget))),
    origins,
    certain,
    certainNodes,
  };
}

interface Block {
  readonly holders: readonly number[];
  readonly nodes: number[];
  value: number;
  readonly keep: number;
  readonly ordinals: number;
}

function isSame(holders: readonly number[], others: readonly number[]): boolean {
  return holders.length === others.length && holders.every((holder, place) => holder === others[place]);
}

function exceeds(holders: readonly number[], poolOf: Int32Array, budgets: readonly number[]): boolean {
  let pool = -1;
  let needed = 0;
  for (const member of holders) {
    const own = poolOf[member] ?? 0;
    needed = own === pool ? needed + 1 : 1;
    pool = own;
    if (needed > (budgets[pool] ?? 0)) return true;
  }
  return false;
}

function preference(holders: readonly number[], origins: readonly number[], members: readonly Member[]) {
  let [keep, ordinals] = [0, 0];
  for (const holder of holders) {
    const member = members[origins[holder] ?? -1];
    keep += member?.keep ?? 0;
    ordinals += member?.ordinal ?? 0;
  }
  return { keep, ordinals };
}
