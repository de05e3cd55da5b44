import type { Pod, PodPhase } from '../fleet/pod.ts';
import { replicaSetCost } from './cost-grammar.ts';
import { lowerVictims } from './lower-victims.ts';
import { type Candidate, type CostText, type Pool, type SteerableConsumer, writtenCosts } from './pool.ts';

/** A phase that Kubernetes and Grove do not name counts as 0 there; only Grove ranks pods that are finished. */
const PHASE_RANK: Readonly<Record<PodPhase, number>> = { Pending: 0, Unknown: 1, Running: 2, Succeeded: 0, Failed: 0 };

/**
 * ReplicaSet's order (kube-controller-manager, ActivePodsWithRanks): unassigned, then Pending, Unknown, Running, then
 * not ready, then the lower cost, then more related pods on the node, then readiness that is younger by powers of two,
 * more restarts, more of sidecars, younger. Candidates are its active pods, one each.
 */
export const replicaSet: SteerableConsumer = {
  readsCosts: true,
  firstGoes: 'not ready first, then the lowest cost',
  parse: replicaSetCost,
  rank: (candidate) => rankOfPod(podOf(candidate)),

  order(pool, costs) {
    return [...pool.candidates].sort((a, b) => comparePods(podOf(a), podOf(b), pool, costs));
  },

  victims(pool, wanted, costs) {
    return replicaSet.order(pool, costs).slice(0, Math.max(0, pool.candidates.length - wanted));
  },

  areEqual: (a, b, pool) => comparePods(podOf(a), podOf(b), pool, writtenCosts) === 0,

  encode: (pool, committed, chosen) => lowerVictims(replicaSet, pool, committed, chosen),
};

/** Not assigned, then Pending, Unknown, Running, then not ready: what ReplicaSet looks at before the cost. */
export function rankOfPod(pod: Pod): number {
  return (pod.node === null ? 0 : 100) + PHASE_RANK[pod.phase] * 10 + (pod.ready ? 1 : 0);
}

function comparePods(a: Pod, b: Pod, pool: Pool, costs: CostText): number {
  return (
    rankOfPod(a) - rankOfPod(b) ||
    replicaSetCost(costs(a)) - replicaSetCost(costs(b)) ||
    relatedOn(b, pool) - relatedOn(a, pool) ||
    (a.ready && b.ready ? compareAge(a, b, a.readySince, b.readySince, pool.now) : 0) ||
    b.restarts - a.restarts ||
    (b.sidecarRestarts ?? 0) - (a.sidecarRestarts ?? 0) ||
    compareAge(a, b, a.created, b.created, pool.now)
  );
}

function relatedOn(pod: Pod, pool: Pool): number {
  return pod.node === null ? 0 : (pool.related.get(pod.node) ?? 0);
}

/**
 * The younger first, by the whole power of two of the age in nanoseconds; within one, by uid (LogarithmicScaleDown).
 */
function compareAge(a: Pod, b: Pod, sinceA: number | null, sinceB: number | null, now: number): number {
  if (sinceA === sinceB) return 0;
  if (sinceA === null || sinceB === null) return sinceA === null ? -1 : 1;
  return logarithmicAge(sinceA, now) - logarithmicAge(sinceB, now) || (a.uid < b.uid ? -1 : 1);
}

function logarithmicAge(since: number, now: number): number {
  const nanoseconds = (now - since) * 1e6;
  return nanoseconds > 0 ? Math.trunc(Math.log2(nanoseconds)) : -1;
}

function podOf(candidate: Candidate): Pod {
  const [pod] = candidate.pods;
  if (pod === undefined) throw new RangeError(`candidate ${candidate.name} of a ReplicaSet has no pod`);
  return pod;
}
