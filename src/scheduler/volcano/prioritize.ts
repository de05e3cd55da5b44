import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { BinpackWeights } from '../../domain/score/binpack.ts';
import { KeptScores } from '../kept-scores.ts';
import { ListedNodes } from '../listed-nodes.ts';
import { MOST_NODES } from '../node-names.ts';
import { nodeScorer, type Preferences } from '../node-scores.ts';
import { invalid, objectBody, readSessionNode, readTask } from './session-objects.ts';
import { placedIn } from './session-placed.ts';

/** PrioritizeResponse of Volcano's extender plugin. */
export interface NodeScores {
  /** Never null, which would leave the pod pending. */
  readonly nodeScore: Readonly<Record<string, number>>;
  readonly errorMessage: string;
}

/**
 * Answers prioritize with the scores that kube-scheduler gets too, but neither rounded nor brought to 10: from 0 to 100
 * · `binpack.weight`, as the plugin binpack gives them, since Volcano adds them to what its plugins say. What is on a
 * node is what the session says: it knows what it has placed and not bound yet. Throws CodedError
 * `InvalidVolcanoRequest`.
 */
export function prioritizeTask(
  body: unknown,
  snapshot: Snapshot,
  weights: BinpackWeights,
  preferences: Preferences,
): NodeScores {
  const request = objectBody(body);
  const { pod } = readTask(request);
  const list = request.nodes ?? [];
  if (!Array.isArray(list)) throw invalid('nodes is no list');
  if (list.length > MOST_NODES) throw invalid(`nodes holds over ${MOST_NODES} nodes`);
  const nodes = list.map(readSessionNode);
  const places = Int32Array.from(nodes.keys());
  const asked = { table: new ListedNodes(nodes), places, placed: placedIn(nodes, snapshot) };
  const scoreOf = nodeScorer(pod, asked, snapshot, new KeptScores(weights), preferences);
  const scores = nodes.map(({ name }, place): [string, number] => [name, scoreOf(place) * weights.weight]);
  return { nodeScore: Object.fromEntries(scores), errorMessage: '' };
}
