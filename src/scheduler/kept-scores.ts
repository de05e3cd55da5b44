import type { LoadedNode } from '../domain/fleet/node.ts';
import type { Resources } from '../domain/resources/resource-list.ts';
import { type BinpackWeights, binpackScore } from '../domain/score/binpack.ts';

/** Pods of so many different shapes are in mind; most clusters have a handful. */
const MOST_SHAPES = 32;

/**
 * Binpack scores from 0 to 100, kept by what pods request and by node for as long as it is the same object. Pods of one
 * workload all ask for the same, and between two of them hardly a node changes.
 */
export class KeptScores {
  readonly weights: BinpackWeights;
  readonly #shapes = new Map<string, WeakMap<LoadedNode, number>>();

  constructor(weights: BinpackWeights) {
    this.weights = weights;
  }

  /** The scores of nodes for a pod that requests this. */
  scorerOf(requests: Resources): (node: LoadedNode) => number {
    const kept = this.#keptFor(requests);
    return (node) => {
      const known = kept.get(node);
      if (known !== undefined) return known;
      const score = binpackScore(requests, node.used, node.allocatable, this.weights) / this.weights.weight;
      kept.set(node, score);
      return score;
    };
  }

  /** The shape that was asked for least recently makes room. */
  #keptFor(requests: Resources): WeakMap<LoadedNode, number> {
    const shape = [...requests].map(([name, quantity]) => `${name}=${quantity}`).join();
    const kept = this.#shapes.get(shape) ?? new WeakMap<LoadedNode, number>();
    this.#shapes.delete(shape);
    this.#shapes.set(shape, kept);
    const [oldest] = this.#shapes.keys();
    if (this.#shapes.size > MOST_SHAPES && oldest !== undefined) this.#shapes.delete(oldest);
    return kept;
  }
}
