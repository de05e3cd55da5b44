import type { Instance } from './instance.ts';

/** Steps between restarts, and how much longer the steps of y and x are than those of μ and L. */
const STRIDE = 50;
const BALANCE = 3;

export interface Dual {
  /** No plan frees more. */
  readonly bound: number;
  /** What one more of each pool's budget would be worth. */
  readonly prices: Float64Array;
  /** How much of each block the best fractional plan frees, from 0 to 1. */
  readonly fractions: Float64Array;
}

/**
 * The fractional problem and its prices: maximise Σ value_n y_n with y_n ≤ x_g for every member g on block n (price
 * μ_gn), Σ x_g ≤ k_w in every pool w (price L_w), 0 ≤ x, y ≤ 1. Primal-dual hybrid gradient with diagonal steps (Pock
 * and Chambolle, 2011), restarted from the mean or the last point, whichever bounds better (as in PDLP, 2021). Any
 * μ ≥ 0 proves: value ≤ Σ_w (the k_w largest Σ_n μ_gn) + Σ_n max(0, value_n − Σ_g μ_gn). O(steps · incidences).
 *
 * @param suffices whether a bound is as low as it need be: then the rest of the steps are spared. The first is that of
 *   values split evenly among the members of each block, which takes no step
 */
export function solveDual(instance: Instance, steps: number, suffices: (bound: number) => boolean): Dual {
  const { values, holders, poolOf, budgets } = instance;
  const unit = values.reduce((most, value) => Math.max(most, value), 0) || 1;
  const scaled = values.map((value) => value / unit);
  const point = new Point(instance);
  const mean = new Point(instance);
  const best = new Point(instance);
  const sums = new Float64Array(poolOf.length);
  // Where y and x are heading: twice the new minus the old.
  const blockAhead = new Float64Array(values.length);
  const memberAhead = new Float64Array(poolOf.length);
  splitEvenly(mean);
  const even = boundOf(mean);
  let bound = Number.POSITIVE_INFINITY;
  for (let done = 0; done < steps && !suffices(Math.min(even, bound) * unit); done += STRIDE) {
    mean.all.fill(0);
    for (let step = 0; step < STRIDE; step += 1) {
      advance(point);
      mean.add(point, STRIDE);
    }
    const [ofPoint, ofMean] = [boundOf(point), boundOf(mean)];
    if (ofMean < ofPoint) point.all.set(mean.all);
    if (Math.min(ofPoint, ofMean) < bound) {
      bound = Math.min(ofPoint, ofMean);
      best.all.set(point.all);
    }
  }
  return {
    bound: Math.min(even, bound) * unit,
    prices: best.poolPrices.map((price) => price * unit),
    fractions: best.blockShares,
  };

  function advance({ blockShares, memberShares, linkPrices, poolPrices }: Point): void {
    sums.fill(0);
    for (let block = 0; block < scaled.length; block += 1) {
      const [start, end] = [holders.starts[block] ?? 0, holders.starts[block + 1] ?? 0];
      let rest = scaled[block] ?? 0;
      for (let link = start; link < end; link += 1) {
        const price = linkPrices[link] ?? 0;
        const member = holders.items[link] ?? 0;
        rest -= price;
        sums[member] = (sums[member] ?? 0) + price;
      }
      const share = blockShares[block] ?? 0;
      const next = clamp(share + (BALANCE * rest) / (end - start));
      blockAhead[block] = 2 * next - share;
      blockShares[block] = next;
    }
    for (let member = 0; member < poolOf.length; member += 1) {
      const links = (instance.blocks.starts[member + 1] ?? 0) - (instance.blocks.starts[member] ?? 0);
      const share = memberShares[member] ?? 0;
      const rest = (sums[member] ?? 0) - (poolPrices[poolOf[member] ?? 0] ?? 0);
      const next = clamp(share + (BALANCE * rest) / (links + 1));
      memberAhead[member] = 2 * next - share;
      memberShares[member] = next;
    }
    for (let block = 0; block < scaled.length; block += 1) {
      const end = holders.starts[block + 1] ?? 0;
      for (let link = holders.starts[block] ?? 0; link < end; link += 1) {
        const slack = (memberAhead[holders.items[link] ?? 0] ?? 0) - (blockAhead[block] ?? 0);
        linkPrices[link] = Math.max(0, (linkPrices[link] ?? 0) - slack / (2 * BALANCE));
      }
    }
    for (let pool = 0; pool < budgets.length; pool += 1) {
      const [start, end] = [instance.firstOf[pool] ?? 0, instance.firstOf[pool + 1] ?? 0];
      let slack = budgets[pool] ?? 0;
      for (let member = start; member < end; member += 1) slack -= memberAhead[member] ?? 0;
      if (end > start) poolPrices[pool] = Math.max(0, (poolPrices[pool] ?? 0) - slack / (BALANCE * (end - start)));
    }
  }

  function splitEvenly({ linkPrices }: Point): void {
    for (const [block, value] of scaled.entries()) {
      const [start, end] = [holders.starts[block] ?? 0, holders.starts[block + 1] ?? 0];
      linkPrices.fill(value / (end - start), start, end);
    }
  }

  function boundOf({ linkPrices }: Point): number {
    sums.fill(0);
    let total = 0;
    for (const block of scaled.keys()) {
      let rest = scaled[block] ?? 0;
      const end = holders.starts[block + 1] ?? 0;
      for (let link = holders.starts[block] ?? 0; link < end; link += 1) {
        const member = holders.items[link] ?? 0;
        rest -= linkPrices[link] ?? 0;
        sums[member] = (sums[member] ?? 0) + (linkPrices[link] ?? 0);
      }
      total += Math.max(0, rest);
    }
    for (const [pool, budget] of budgets.entries()) {
      const own = sums.slice(instance.firstOf[pool], instance.firstOf[pool + 1]).sort();
      for (const sum of own.subarray(own.length - budget)) total += sum;
    }
    return total;
  }
}

/** All unknowns in one array, so that means and restarts are one loop. */
class Point {
  readonly all: Float64Array;
  readonly blockShares: Float64Array;
  readonly memberShares: Float64Array;
  readonly linkPrices: Float64Array;
  readonly poolPrices: Float64Array;

  constructor({ values, poolOf, holders, budgets }: Instance) {
    const membersAt = values.length;
    const linksAt = membersAt + poolOf.length;
    const poolsAt = linksAt + holders.items.length;
    this.all = new Float64Array(poolsAt + budgets.length);
    this.blockShares = this.all.subarray(0, membersAt);
    this.memberShares = this.all.subarray(membersAt, linksAt);
    this.linkPrices = this.all.subarray(linksAt, poolsAt);
    this.poolPrices = this.all.subarray(poolsAt);
  }

  /** Adds one of so many parts of another point. */
  add({ all }: Point, parts: number): void {
    for (let index = 0; index < all.length; index += 1)
      this.all[index] = (this.all[index] ?? 0) + (all[index] ?? 0) / parts;
  }
}

function clamp(share: number): number {
  return share < 0 ? 0 : share > 1 ? 1 : share;
}
