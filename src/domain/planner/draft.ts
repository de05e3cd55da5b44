import type { Instance } from './instance.ts';
import type { Random } from './random.ts';

/**
 * A set of freed blocks, which may for a moment need more members than the budgets allow, with all that a step of the
 * search asks kept up to date: O(members of the block) per change.
 */
export class Draft {
  /** 1 for a freed block. */
  readonly freed: Uint8Array;
  /** For each member, how many freed blocks it holds; it goes if there is one. */
  readonly causes: Int32Array;
  /** How many members of each pool go. */
  readonly used: Int32Array;
  /** Of the freed blocks. */
  value = 0;
  private readonly instance: Instance;
  private readonly costs: Float64Array;
  private readonly margins: Float64Array;
  /** For each member, the sum of the numbers of the freed blocks that it holds: if it is one, its number. */
  private readonly causeSums: Int32Array;
  /** The members of each pool, those that go first, and the place of each. */
  private readonly order: Int32Array;
  private readonly places: Int32Array;

  /**
   * `costs` is what each member costs the search when it goes. The margin of a block is its value less the costs of the
   * members that go for it alone.
   */
  constructor(instance: Instance, costs: Float64Array = new Float64Array(instance.poolOf.length)) {
    this.instance = instance;
    this.costs = costs;
    this.freed = new Uint8Array(instance.values.length);
    this.margins = new Float64Array(instance.values.length);
    this.used = new Int32Array(instance.budgets.length);
    this.causes = new Int32Array(instance.poolOf.length);
    this.causeSums = new Int32Array(instance.poolOf.length);
    this.order = Int32Array.from(instance.poolOf.keys());
    this.places = Int32Array.from(this.order);
  }

  /** Frees a block and gives its margin. */
  free(block: number): number {
    const { values, holders, poolOf } = this.instance;
    let margin = values[block] ?? 0;
    const end = holders.starts[block + 1] ?? 0;
    for (let index = holders.starts[block] ?? 0; index < end; index += 1) {
      const member = holders.items[index] ?? 0;
      const causes = this.causes[member] ?? 0;
      if (causes === 0) {
        margin -= this.costs[member] ?? 0;
        const pool = poolOf[member] ?? 0;
        const used = this.used[pool] ?? 0;
        this.place(member, pool, used);
        this.used[pool] = used + 1;
      } else if (causes === 1) {
        const other = this.causeSums[member] ?? 0;
        this.margins[other] = (this.margins[other] ?? 0) + (this.costs[member] ?? 0);
      }
      this.causes[member] = causes + 1;
      this.causeSums[member] = (this.causeSums[member] ?? 0) + block;
    }
    this.margins[block] = margin;
    this.freed[block] = 1;
    this.value += values[block] ?? 0;
    return margin;
  }

  /** Takes a freed block back and gives the margin that it had. */
  occupy(block: number): number {
    const { values, holders, poolOf } = this.instance;
    const end = holders.starts[block + 1] ?? 0;
    for (let index = holders.starts[block] ?? 0; index < end; index += 1) {
      const member = holders.items[index] ?? 0;
      const causes = (this.causes[member] ?? 0) - 1;
      const causeSum = (this.causeSums[member] ?? 0) - block;
      this.causes[member] = causes;
      this.causeSums[member] = causeSum;
      if (causes === 0) {
        const pool = poolOf[member] ?? 0;
        const used = (this.used[pool] ?? 0) - 1;
        this.place(member, pool, used);
        this.used[pool] = used;
      } else if (causes === 1) {
        this.margins[causeSum] = (this.margins[causeSum] ?? 0) - (this.costs[member] ?? 0);
      }
    }
    this.freed[block] = 0;
    this.value -= values[block] ?? 0;
    return this.margins[block] ?? 0;
  }

  /** The margin that a block would have if it were freed now. */
  marginOf(block: number): number {
    const { values, holders } = this.instance;
    let margin = values[block] ?? 0;
    const end = holders.starts[block + 1] ?? 0;
    for (let index = holders.starts[block] ?? 0; index < end; index += 1) {
      const member = holders.items[index] ?? 0;
      if (this.causes[member] === 0) margin -= this.costs[member] ?? 0;
    }
    return margin;
  }

  /** What would be lost if a member stayed: the margins of the freed blocks that it holds. */
  lossOf(member: number): number {
    const { blocks } = this.instance;
    let loss = 0;
    const end = blocks.starts[member + 1] ?? 0;
    for (let index = blocks.starts[member] ?? 0; index < end; index += 1) {
      const block = blocks.items[index] ?? 0;
      if (this.freed[block] === 1) loss += this.margins[block] ?? 0;
    }
    return loss;
  }

  /** Whether a block can be freed within what is left of the budgets. */
  fits(block: number): boolean {
    const { holders, poolOf, budgets } = this.instance;
    let pool = -1;
    let left = 0;
    const end = holders.starts[block + 1] ?? 0;
    for (let index = holders.starts[block] ?? 0; index < end; index += 1) {
      const member = holders.items[index] ?? 0;
      if ((this.causes[member] ?? 0) > 0) continue;
      const own = poolOf[member] ?? 0;
      if (own !== pool) {
        pool = own;
        left = (budgets[pool] ?? 0) - (this.used[pool] ?? 0);
      }
      left -= 1;
      if (left < 0) return false;
    }
    return true;
  }

  isOverBudget(pool: number): boolean {
    return (this.used[pool] ?? 0) > (this.instance.budgets[pool] ?? 0);
  }

  hasRoom(pool: number): boolean {
    return (this.used[pool] ?? 0) < (this.instance.budgets[pool] ?? 0);
  }

  /** One of the members of a pool that do not go, at random. */
  staying(pool: number, random: Random): number {
    const { firstOf } = this.instance;
    const used = this.used[pool] ?? 0;
    const count = (firstOf[pool + 1] ?? 0) - (firstOf[pool] ?? 0) - used;
    return this.memberAt(pool, used + random.below(count));
  }

  /** The member at a place in its pool; those below `used` go. */
  memberAt(pool: number, place: number): number {
    return this.order[(this.instance.firstOf[pool] ?? 0) + place] ?? 0;
  }

  private place(member: number, pool: number, place: number): void {
    const to = (this.instance.firstOf[pool] ?? 0) + place;
    const from = this.places[member] ?? 0;
    const other = this.order[to] ?? 0;
    this.order[from] = other;
    this.places[other] = from;
    this.order[to] = member;
    this.places[member] = to;
  }
}
