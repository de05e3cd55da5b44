import type { Node } from '../fleet/node.ts';
import type { Pod } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import { occupantsOf } from './occupants.ts';
import type { Candidate } from './pool.ts';
import { nodesOf, type Settled } from './selection-problem.ts';

/**
 * Occupied before and free after: everything that keeps the node busy is among the victims, on its way out already, or
 * about to be, by a scale-down of something else.
 */
export function freedNodes(
  victims: readonly Candidate[],
  settled: Settled,
  snapshot: Snapshot,
  isPending: (pod: Pod) => boolean,
): readonly Node[] {
  const occupants = occupantsOf(
    settled.flatMap(([{ candidates }]) => candidates),
    [...victims, ...settled.flatMap(([, { committed }]) => committed)],
    isPending,
  );
  const names = new Set(victims.flatMap(nodesOf));
  return [...names]
    .sort()
    .filter((name) => !snapshot.podsOnNode(name).some((pod) => occupants.block(pod)))
    .flatMap((name) => snapshot.node(name) ?? []);
}
