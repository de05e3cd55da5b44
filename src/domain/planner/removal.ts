import type { ConsolidationProblem } from './problem.ts';

/** Members that go one after another within the budgets, with who is still on each node. */
export class Removal {
  readonly problem: ConsolidationProblem;
  /** What is left of each pool's budget. */
  readonly left: number[];
  private readonly gone = new Set<number>();
  private readonly holders: readonly Set<number>[];
  private readonly pools: readonly number[][];

  constructor(problem: ConsolidationProblem) {
    this.problem = problem;
    this.left = problem.budgets.map((budget) => Math.max(0, budget));
    this.holders = problem.nodeValues.map(() => new Set());
    this.pools = problem.budgets.map(() => []);
    for (const [index, { pool, nodes }] of problem.members.entries()) {
      this.pools[pool]?.push(index);
      for (const node of nodes) this.holders[node]?.add(index);
    }
  }

  remove(member: number): void {
    const { pool, nodes } = this.problem.members[member] ?? { pool: -1, nodes: [] };
    this.gone.add(member);
    this.left[pool] = (this.left[pool] ?? 0) - 1;
    for (const node of nodes) this.holders[node]?.delete(member);
  }

  /** Members of a pool that do not go yet. */
  staying(pool: number): readonly number[] {
    return (this.pools[pool] ?? []).filter((member) => !this.gone.has(member));
  }

  /** Members that are still on a node. */
  on(node: number): ReadonlySet<number> {
    return this.holders[node] ?? new Set();
  }

  /** Members that go, ascending. */
  removed(): readonly number[] {
    return [...this.gone].sort((a, b) => a - b);
  }

  /** Pools with some of their budget left and somebody to spend it on. */
  open(): readonly number[] {
    return [...this.left.keys()].filter((pool) => (this.left[pool] ?? 0) > 0 && this.staying(pool).length > 0);
  }

  /** The lower keep first, then the higher ordinal, then the lower number. */
  prefer(a: number, b: number): number {
    const [one, other] = [this.problem.members[a], this.problem.members[b]];
    return (one?.keep ?? 0) - (other?.keep ?? 0) || (other?.ordinal ?? 0) - (one?.ordinal ?? 0) || a - b;
  }
}
