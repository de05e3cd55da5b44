import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { BinpackWeights } from '../domain/score/binpack.ts';
import { readExtenderArgs } from './extender-args.ts';
import { KeptScores } from './kept-scores.ts';
import { nodeScorer, type Preferences } from './node-scores.ts';

/** Of extenderv1.MaxExtenderPriority for one of 100: the scheduler scales these to its own 0..100 again. */
const POINTS = 10 / 100;
/** Floats put a score that is exactly half a point a hair below the half. */
const ROUNDING_ERROR = 1e-9;

/** One entry of extenderv1.HostPriorityList. */
export interface HostPriority {
  readonly Host: string;
  readonly Score: number;
}

/**
 * Answers prioritize with whole scores from 0 to 10, halves rounded upwards: the fuller the node with the pod on it, and
 * the more of it goes with the pod's group, the higher. Nodes that packdown does not know score 0. `scores` is what earlier
 * calls with the same weights have left.
 */
export function prioritize(
  body: unknown,
  snapshot: Snapshot,
  weights: BinpackWeights,
  preferences: Preferences = { binpack: 1, locality: 1, stranding: 0, targetSet: [] },
  scores: KeptScores = new KeptScores(weights),
): readonly HostPriority[] {
  const { pod, names, nodeAt } = readExtenderArgs(body, snapshot);
  const scoreOf = nodeScorer(pod, names, snapshot, scores, preferences);
  return names.map((name, place) => {
    const node = nodeAt(place);
    return { Host: name, Score: node === undefined ? 0 : Math.round(scoreOf(node) * POINTS + ROUNDING_ERROR) };
  });
}
