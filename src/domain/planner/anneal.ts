import { Draft } from './draft.ts';
import type { Instance } from './instance.ts';
import { Random } from './random.ts';

/** How many blocks are compared before one is freed, and how many members before one stays. */
const BLOCKS_DRAWN = 3;
const MEMBERS_DRAWN = 4;
/** How many members of a pool with budget left over are tried in a step. */
const MEMBERS_TRIED = 4;
/** By how many mean values a step may be short before the blocks that fit again are counted. */
const HOPE = 1.4;

export interface Schedule {
  readonly steps: number;
  readonly seed: number;
  /** First and last temperature, in mean values of a block. */
  readonly hot: number;
  readonly cold: number;
  /** The part of its pool's price that a member costs the search: all of it would leave no way to climb back. */
  readonly priceShare: number;
}

export interface Incumbent {
  value: number;
  /** 1 for a freed block. */
  readonly freed: Uint8Array;
}

/**
 * Simulated annealing. A step frees a block that is occupied; while a pool is then over its budget, one of its members
 * stays, and the blocks that it holds with it; then blocks are freed that fit beside the new one, or in what these left
 * of their pools' budgets. The step is kept if Σ margins gained − Σ margins lost − T ln u ≥ 0, u in (0, 1), else
 * undone; one that is short by more than `HOPE` before anything is freed again is given up at once. Leaves the best
 * that was met in `incumbent` and stops early where that reaches `bound`. O(steps · 4 · members of a block).
 */
export function anneal(
  instance: Instance,
  prices: Float64Array,
  start: Uint8Array | null,
  incumbent: Incumbent,
  bound: number,
  { steps, seed, hot, cold, priceShare }: Schedule,
): void {
  const { values, holders, blocks, poolOf } = instance;
  const random = new Random(seed);
  const draft = new Draft(
    instance,
    Float64Array.from(poolOf, (pool) => priceShare * (prices[pool] ?? 0)),
  );
  for (const [block, freed] of start?.entries() ?? []) if (freed === 1) draft.free(block);
  const lastSeen = new Int32Array(poolOf.length).fill(-1);
  const changed: number[] = [];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const cooling = (cold / hot) ** (1 / steps);
  let temperature = hot * mean;

  for (let step = 0; step < steps; step += 1) {
    temperature *= cooling;
    const block = drawBlock();
    if (draft.freed[block] === 1) continue;
    const room = -temperature * Math.log(random.next());
    if (change(block, step, -room - HOPE * mean) + room < 0) undo();
    else if (draft.value > incumbent.value + 1e-9) {
      incumbent.value = draft.value;
      incumbent.freed.set(draft.freed);
      if (incumbent.value >= bound - 1e-9) return;
    }
    changed.length = 0;
  }

  /** Of some occupied blocks the one with the highest margin; a freed one where the first that is drawn is freed. */
  function drawBlock(): number {
    let best = random.below(values.length);
    if (draft.freed[best] === 1) return best;
    let highest = draft.marginOf(best);
    for (let drawn = 1; drawn < BLOCKS_DRAWN; drawn += 1) {
      const other = random.below(values.length);
      const margin = draft.freed[other] === 0 ? draft.marginOf(other) : Number.NEGATIVE_INFINITY;
      if (margin > highest) {
        highest = margin;
        best = other;
      }
    }
    return best;
  }

  /** Carries out a step and gives what it gains, in margins; −∞ where a budget cannot be kept or too much is lost. */
  function change(block: number, step: number, least: number): number {
    let gained = draft.free(block);
    changed.push(block);
    const [first, end] = [holders.starts[block] ?? 0, holders.starts[block + 1] ?? 0];
    for (let index = first; index < end; index += 1) lastSeen[holders.items[index] ?? 0] = step;
    for (let index = first; index < end; index += 1) {
      const pool = poolOf[holders.items[index] ?? 0] ?? 0;
      while (draft.isOverBudget(pool)) {
        const staying = cheapestToKeep(pool, step);
        if (staying < 0) return Number.NEGATIVE_INFINITY;
        gained -= keep(staying);
        if (gained < least) return Number.NEGATIVE_INFINITY;
      }
    }
    for (let index = first; index < end; index += 1) gained += freeBeside(holders.items[index] ?? 0);
    return gained + refill();
  }

  /**
   * Frees what fits of some blocks of the pools that now have some of their budgets left over, and gives their margins.
   */
  function refill(): number {
    let gained = 0;
    const taken = changed.length;
    for (let place = 1; place < taken; place += 1) {
      const block = changed[place] ?? 0;
      if (draft.freed[block] === 1) continue;
      const end = holders.starts[block + 1] ?? 0;
      for (let index = holders.starts[block] ?? 0; index < end; index += 1) {
        const pool = poolOf[holders.items[index] ?? 0] ?? 0;
        for (let tried = 0; tried < MEMBERS_TRIED && draft.hasRoom(pool); tried += 1)
          gained += freeBeside(draft.staying(pool, random));
      }
    }
    return gained;
  }

  /** Lets a member stay, and gives the margins that are lost with the blocks that it holds. */
  function keep(member: number): number {
    let lost = 0;
    const end = blocks.starts[member + 1] ?? 0;
    for (let index = blocks.starts[member] ?? 0; index < end; index += 1) {
      const block = blocks.items[index] ?? 0;
      if (draft.freed[block] === 0) continue;
      lost += draft.occupy(block);
      changed.push(block);
    }
    return lost;
  }

  /** Frees what fits of the blocks that a member holds, and gives their margins. */
  function freeBeside(member: number): number {
    let gained = 0;
    const end = blocks.starts[member + 1] ?? 0;
    for (let index = blocks.starts[member] ?? 0; index < end; index += 1) {
      const block = blocks.items[index] ?? 0;
      if (draft.freed[block] === 1 || changed.includes(block) || !draft.fits(block)) continue;
      gained += draft.free(block);
      changed.push(block);
    }
    return gained;
  }

  /**
   * Of some members of a pool that go, though not for this step, the one that can stay at the least loss; −1 if none.
   */
  function cheapestToKeep(pool: number, step: number): number {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let drawn = 0; drawn < MEMBERS_DRAWN; drawn += 1) {
      const member = draft.memberAt(pool, random.below(draft.used[pool] ?? 0));
      if (lastSeen[member] === step) continue;
      const loss = draft.lossOf(member);
      if (loss < least) {
        least = loss;
        best = member;
      }
    }
    return best;
  }

  function undo(): void {
    for (let block = changed.pop(); block !== undefined; block = changed.pop()) {
      if (draft.freed[block] === 1) draft.occupy(block);
      else draft.free(block);
    }
  }
}
