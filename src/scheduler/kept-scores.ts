import type { Resources } from '../domain/resources/resource-list.ts';
import { type BinpackWeights, binpackScore } from '../domain/score/binpack.ts';

/** A node and what is used of it. */
export interface LoadedNode {
  readonly name: string;
  readonly allocatable: Resources;
  readonly used: Resources;
}

interface Kept {
  readonly used: Resources;
  readonly allocatable: Resources;
  readonly score: number;
}

/** Pods of so many different shapes are in mind; most clusters have a handful. */
const MOST_SHAPES = 32;

/**
 * Binpack scores from 0 to 100, kept by what pods request and by node for as long as the node and what is used of it are
 * the same objects. Pods of one workload all ask for the same, and between two of them hardly a node changes.
 */
export class KeptScores {
  readonly weights: BinpackWeights;
  readonly #shapes = new Map<string, Map<string, Kept>>();

  constructor(weights: BinpackWeights) {
    this.weights = weights;
  }

  /** The scores of nodes for a pod that requests this. */
  scorerOf(requests: Resources): (node: LoadedNode) => number {
    const kept = this.#keptFor(requests);
    return ({ name, used, allocatable }) => {
      const known = kept.get(name);
      if (known !== undefined && known.used === used && known.allocatable === allocatable) return known.score;
      const score = binpackScore(requests, used, allocatable, this.weights) / this.weights.weight;
      kept.set(name, { used, allocatable, score });
      return score;
    };
  }

  /** The shape that was asked for least recently makes room; so do nodes that are gone, with their shape. */
  #keptFor(requests: Resources): Map<string, Kept> {
    const shape = [...requests].map(([name, quantity]) => `${name}=${quantity}`).join();
    const kept = this.#shapes.get(shape) ?? new Map<string, Kept>();
    this.#shapes.delete(shape);
    this.#shapes.set(shape, kept);
    const [oldest] = this.#shapes.keys();
    if (this.#shapes.size > MOST_SHAPES && oldest !== undefined) this.#shapes.delete(oldest);
    return kept;
  }
}
