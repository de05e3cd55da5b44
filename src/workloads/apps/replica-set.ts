import { isActive, type Pod } from '../../domain/fleet/pod.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import type { Pool, ScaleRequest } from '../../domain/victims/pool.ts';
import { replicaSet } from '../../domain/victims/replicaset.ts';
import { NOTHING_READ, type WorkloadAdapter } from '../adapter.ts';
import { objectAt } from '../core/json.ts';
import { poolOf } from '../pool-of.ts';
import { candidateOf } from '../unit.ts';
import { readFlatWorkload } from './flat-workload.ts';
import { isNewest, rolledOf, siblingsOf } from './rollout.ts';

export const replicaSetAdapter: WorkloadAdapter = {
  kind: 'ReplicaSet',
  group: 'apps',
  versions: ['v1'],
  resource: 'replicasets',
  scalable: true,
  steeredBy: 'costs per pod',
  readsPodCosts: true,
  read: (object) => readFlatWorkload('ReplicaSet', object),
  template: (object) => objectAt(object, 'spec', 'template'),
  scale: (request, snapshot, now) => ({
    ...NOTHING_READ,
    pools: [replicaSetPool(request.workload, request, snapshot, now)],
  }),

  unitsOf: ({ name }) => [name],

  defers(old, next, snapshot) {
    const { owner } = next;
    const rolled = rolledOf(next);
    if (owner === null || rolled === null || rolledOf(old)?.desired !== rolled.desired) return null;
    const others = siblingsOf(next, owner.uid, snapshot);
    // Where nobody says what their owner wants, a rollout is told by whom the pods go to.
    const isRollout = rolled.desired !== undefined || others.some(({ replicas }) => replicas > 0);
    return isRollout && !isCutBack(next, others) ? `a rollout empties it, and the ${rolled.by} keeps its count` : null;
  },
};

/**
 * Whether it is the newest of its owner, and to have what that wants: a rollout only adds to it, but one that is
 * scaled in its middle shares its surge out, and takes that from it in an update of its own.
 */
function isCutBack(workload: Workload, others: readonly Workload[]): boolean {
  const { replicas } = workload;
  return replicas > 0 && isNewest(workload, others) && rolledOf(workload)?.desired === `${replicas}`;
}

/**
 * The active pods of a ReplicaSet, one candidate each; ordinals count from the oldest, so that the newest is highest.
 */
export function replicaSetPool(workload: Workload, request: ScaleRequest, snapshot: Snapshot, now: number): Pool {
  const pods = snapshot.podsOf(workload.uid).filter(isActive);
  const oldestFirst = [...pods].sort((a, b) => a.created - b.created || (a.name < b.name ? -1 : 1));
  const candidates = oldestFirst.map((pod, ordinal) =>
    candidateOf({ name: pod.name, group: null, ordinal, ready: pod.ready, pods: [pod] }),
  );
  const pool = poolOf(request, replicaSet, candidates, now);
  return { ...pool, related: activePodsPerNode(relatedPods(workload, snapshot)) };
}

/** The pods of every ReplicaSet with the same owner, which is what ReplicaSet calls related; without an owner, none. */
function relatedPods(workload: Workload, snapshot: Snapshot): readonly Pod[] {
  if (workload.owner === null) return [];
  return snapshot.workloadsOf(workload.owner.uid).flatMap((sibling) => snapshot.podsOf(sibling.uid));
}

function activePodsPerNode(pods: readonly Pod[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { node } of pods.filter(isActive)) {
    if (node !== null) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
}
