import type { Node } from '../fleet/node.ts';
import { isFinished, type Pod, staysOnFreeNode } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import type { Constraints } from './constraints.ts';
import type { Candidate, Pool } from './pool.ts';

/**
 * Occupied before and free after: everything that keeps the node busy is among the victims, on its way out already, or
 * about to be, by a scale-down of something else.
 */
export function freedNodes(
  victims: readonly Candidate[],
  settled: readonly (readonly [Pool, Constraints])[],
  snapshot: Snapshot,
  isPending: (pod: Pod) => boolean,
): readonly Node[] {
  // By uid: the snapshot may have newer pods than the pools, with other costs.
  const uidsOf = (candidates: readonly Candidate[]) => candidates.flatMap(({ pods }) => pods.map(({ uid }) => uid));
  const going = new Set([...uidsOf(victims), ...settled.flatMap(([, { committed }]) => uidsOf(committed))]);
  let decided: ReadonlySet<string> | null = null;
  const isDecided = ({ uid }: Pod) => {
    decided ??= new Set(settled.flatMap(([pool]) => uidsOf(pool.candidates)));
    return decided.has(uid);
  };
  const leaves = (pod: Pod) =>
    staysOnFreeNode(pod) || pod.deleting || going.has(pod.uid) || (isPending(pod) && !isDecided(pod));
  const names = new Set(victims.flatMap(({ pods }) => pods.filter((pod) => !isFinished(pod)).map((pod) => pod.node)));
  return [...names]
    .filter((name) => name !== null)
    .sort()
    .filter((name) => snapshot.podsOnNode(name).every(leaves))
    .flatMap((name) => snapshot.node(name) ?? []);
}
