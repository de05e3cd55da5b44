import type { NodeTable } from '../domain/fleet/node-table.ts';
import type { Resources } from '../domain/resources/resource-list.ts';
import { type BinpackWeights, binpackScore } from '../domain/score/binpack.ts';
import { strandedShare } from '../domain/score/stranded.ts';
import { NodeNumbers } from './node-numbers.ts';

/** Pods of so many different shapes are in mind; most clusters have a handful. */
const MOST_SHAPES = 32;

/** What nodes are worth to pods of one shape. */
export interface ShapeScores {
  /** Binpack scores with the pod placed, from 0 to 100. */
  readonly packed: NodeNumbers;
  /** The shares of devices that the pod would strand, from 0 to 1. */
  readonly stranded: NodeNumbers;
}

/**
 * Scores, kept by what pods request of what is weighed and by node for as long as it does not change. Pods of one
 * workload all ask for the same, and between two of them hardly a node changes.
 */
export class KeptScores {
  readonly #weights: BinpackWeights;
  readonly #tables = new WeakMap<NodeTable, Map<string, ShapeScores>>();

  constructor(weights: BinpackWeights) {
    this.#weights = weights;
  }

  /**
   * The scores of a table's nodes for a pod that requests this; the shape that was asked for least recently makes room.
   */
  of(requests: Resources, table: NodeTable): ShapeScores {
    const shapes = this.#tables.get(table) ?? new Map<string, ShapeScores>();
    this.#tables.set(table, shapes);
    // Of what has a weight alone: callers may name as many other resources as they like, each with a text of its own.
    const shape = [...this.#weights.resources.keys()].map((name) => requests.get(name) ?? 0n).join();
    const scores = shapes.get(shape) ?? scoresOf(requests, table, this.#weights);
    shapes.delete(shape);
    shapes.set(shape, scores);
    const [oldest] = shapes.keys();
    if (shapes.size > MOST_SHAPES && oldest !== undefined) shapes.delete(oldest);
    return scores;
  }
}

function scoresOf(requests: Resources, table: NodeTable, weights: BinpackWeights): ShapeScores {
  return {
    packed: new NodeNumbers(
      table,
      ({ used, allocatable }) => binpackScore(requests, used, allocatable, weights) / weights.weight,
    ),
    stranded: new NodeNumbers(table, ({ used, allocatable }) => strandedShare(requests, used, allocatable, weights)),
  };
}
