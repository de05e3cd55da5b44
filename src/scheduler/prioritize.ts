import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { nearestWhole } from '../domain/score/binpack.ts';
import { readExtenderArgs, readPodOf } from './extender-args.ts';
import type { KeptScores } from './kept-scores.ts';
import { namedPlaces } from './name-index.ts';
import type { NodeNames } from './node-names.ts';
import { nodeScorer, type Preferences } from './node-scores.ts';
import { type Asked, NOTHING_PLACED, placesOf } from './places.ts';
import { priorityList } from './priority-list.ts';

/** Of extenderv1.MaxExtenderPriority for one of 100: the scheduler scales these to its own 0..100 again. */
const POINTS = 10 / 100;

/** One entry of extenderv1.HostPriorityList. */
export interface HostPriority {
  readonly Host: string;
  readonly Score: number;
}

/**
 * Answers prioritize with whole scores from 0 to 10, halves rounded upwards: the fuller the node with the pod on it,
 * and the more of it goes with the pod's group, the higher. Nodes that packdown does not know score 0. `scores` is what
 * earlier calls have left.
 */
export function prioritize(
  body: unknown,
  snapshot: Snapshot,
  preferences: Preferences,
  scores: KeptScores,
): readonly HostPriority[] {
  const { pod, names, table } = readExtenderArgs(body, snapshot);
  const asked = { table, places: placesOf(names, table), placed: NOTHING_PLACED };
  const pointsAt = pointsIn(asked, nodeScorer(pod, asked, snapshot, scores, preferences));
  return names.map((name, index) => ({ Host: name, Score: pointsAt(index) }));
}

/** The same answer as JSON, for a call whose names were cut out of it. */
export function prioritizeNames(
  body: unknown,
  names: NodeNames,
  snapshot: Snapshot,
  preferences: Preferences,
  scores: KeptScores,
): Buffer {
  const table = snapshot.nodeTable;
  const asked = { table, places: namedPlaces(names, table), placed: NOTHING_PLACED };
  return priorityList(names, pointsIn(asked, nodeScorer(readPodOf(body), asked, snapshot, scores, preferences)));
}

/** The points of the nodes asked about, by their index. */
function pointsIn({ places }: Asked, scoreOf: (place: number) => number): (index: number) => number {
  return (index) => {
    const place = places[index] ?? -1;
    return place === -1 ? 0 : nearestWhole(scoreOf(place) * POINTS);
  };
}
