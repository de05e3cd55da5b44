import { markedUnit, type Pod, type PodPhase } from '../fleet/pod.ts';
import { MIN_COST, replicaSetCost } from './cost-grammar.ts';
import { type CostWindow, contains, middle } from './cost-window.ts';
import type { Candidate, Consumer, CostText, Encoding, Pool, WantedCost } from './pool.ts';
import { isWritable } from './pool.ts';

/** How far below the survivors the first victims go, so that later ones fit between. */
const ROOM = 1000;

const PHASE_RANK: Readonly<Record<PodPhase, number>> = { Pending: 0, Unknown: 1, Running: 2, Succeeded: 2, Failed: 2 };

/**
 * ReplicaSet's order (kube-controller-manager, ActivePodsWithRanks): unassigned, then Pending, Unknown, Running, then
 * not ready, then the lower cost, then more related pods on the node, then readiness that is younger by powers of two,
 * more restarts, younger. Candidates are its active pods, one each.
 */
export const replicaSet: Consumer = {
  readsCosts: true,
  parse: replicaSetCost,
  rank: (candidate) => rankOfPod(podOf(candidate)),

  order(pool, costs) {
    return [...pool.candidates].sort((a, b) => comparePods(podOf(a), podOf(b), pool, costs));
  },

  victims(pool, wanted, costs) {
    return replicaSet.order(pool, costs).slice(0, Math.max(0, pool.candidates.length - wanted));
  },

  encode(pool, committed, chosen) {
    const last = Math.max(...chosen.map((candidate) => replicaSet.rank(candidate, pool)));
    const peers = (candidate: Candidate) => replicaSet.rank(candidate, pool) === last;
    const gone = new Set([...committed, ...chosen]);
    const costsOf = (candidates: readonly Candidate[]) =>
      candidates.filter(peers).map((c) => replicaSetCost(podOf(c).cost));
    const window: CostWindow = {
      above: Math.max(Number.NEGATIVE_INFINITY, ...costsOf(committed)),
      below: Math.min(
        Number.POSITIVE_INFINITY,
        ...costsOf(pool.candidates.filter((candidate) => !gone.has(candidate))),
      ),
    };
    return lowerInto(window, chosen.filter(peers).map(podOf));
  },
};

/** Writes every victim that is ours, be it only for the mark: it makes the same request choose the same pods again. */
function lowerInto(window: CostWindow, pods: readonly Pod[]): Encoding {
  if (window.below === Number.POSITIVE_INFINITY) return { ok: true, costs: [] };
  const goal = goalIn(window);
  const costs: WantedCost[] = [];
  for (const pod of pods) {
    const own = replicaSetCost(pod.cost);
    const isPlaced = contains(window, own);
    if (isPlaced && (!isWritable(pod) || markedUnit(pod) === pod.name)) continue;
    if (!isWritable(pod)) {
      return { ok: false, reason: `the cost ${pod.cost} of pod ${pod.name} was written by somebody else` };
    }
    const cost = isPlaced ? Math.min(own, goal ?? own) : goal;
    if (cost === null) {
      return { ok: false, reason: 'no cost fits between the pods that are already going and those that stay' };
    }
    costs.push({ pod, cost, victim: pod.name });
  }
  return { ok: true, costs };
}

/** Far below the survivors, or in the middle when something goes already: there is room for what comes next. */
function goalIn(window: CostWindow): number | null {
  if (window.above !== Number.NEGATIVE_INFINITY) return middle(window);
  const goal = Math.min(window.below, 0) - ROOM;
  return goal < MIN_COST ? null : goal;
}

function rankOfPod(pod: Pod): number {
  return (pod.node === null ? 0 : 100) + PHASE_RANK[pod.phase] * 10 + (pod.ready ? 1 : 0);
}

function comparePods(a: Pod, b: Pod, pool: Pool, costs: CostText): number {
  return (
    rankOfPod(a) - rankOfPod(b) ||
    replicaSetCost(costs(a)) - replicaSetCost(costs(b)) ||
    relatedOn(b, pool) - relatedOn(a, pool) ||
    (a.ready && b.ready ? compareAge(a, b, a.readySince, b.readySince, pool.now) : 0) ||
    b.restarts - a.restarts ||
    compareAge(a, b, a.created, b.created, pool.now)
  );
}

function relatedOn(pod: Pod, pool: Pool): number {
  return pod.node === null ? 0 : (pool.related.get(pod.node) ?? 0);
}

/** The younger first, by the whole power of two of the age in nanoseconds; within one, by uid (LogarithmicScaleDown). */
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
