import type { Pod } from '../fleet/pod.ts';
import { kthenaCost, MAX_COST } from './cost-grammar.ts';
import { type CostWindow, middle } from './cost-window.ts';
import {
  type Candidate,
  type Consumer,
  type CostText,
  type Encoding,
  isWritable,
  type Pool,
  unitOf,
  type WantedCost,
  writtenCosts,
} from './pool.ts';

/** What decides before the sum: unprotected before protected, not ready before ready. */
export function rankAt(candidate: Candidate, position: number, pool: Pool): number {
  return (position < pool.partition ? 2 : 0) + (candidate.ready ? 1 : 0);
}

/** The sum that Kthena compares. */
export function sumOf(pods: readonly Pod[], costs: CostText): number {
  return pods.reduce((sum, pod) => sum + kthenaCost(costs(pod)), 0);
}

/** The highest sum that can show while the pods vanish one by one, in whatever order. */
function peakOf(pods: readonly Pod[]): number {
  return pods.reduce((sum, pod) => sum + Math.max(0, kthenaCost(pod.cost)), 0);
}

/**
 * Kthena recounts after every pod event, so the order of the sums must hold while the victims' pods vanish one by one:
 * no cost is negative, every victim's peak stays below every survivor's sum, and what goes next stays above the peak
 * of what is going already. Survivors are raised only where they carry no cost, victims lowered towards 0.
 */
export const encodeSums: Consumer['encode'] = (pool, committed, chosen, scoreOf) => {
  const gone = new Set([...committed, ...chosen]);
  const rank = new Map(pool.candidates.map((candidate, index) => [candidate, rankAt(candidate, index, pool)]));
  // Positions move up while protected victims vanish, and an unprotected victim may take a protected one's place.
  const positionsMove = chosen.some((candidate) => (rank.get(candidate) ?? 0) >= 2);
  const compared = (victim: Candidate, survivor: Candidate) =>
    positionsMove ? victim.ready === survivor.ready : rank.get(victim) === rank.get(survivor);

  const staying = pool.candidates.filter((candidate) => !candidate.deleting && !gone.has(candidate));
  const victims = chosen.filter((victim) => staying.some((survivor) => compared(victim, survivor)));
  const survivors = staying.filter((survivor) => chosen.some((victim) => compared(victim, survivor)));
  if (victims.length === 0) return { ok: true, costs: [] };
  const exposed = staying.find(({ ready }) => !ready);
  if (positionsMove && exposed !== undefined && chosen.some(({ ready }) => ready)) {
    return {
      ok: false,
      reason: `${exposed.name} is not ready, and the partition that protects it moves while others go`,
    };
  }

  const above = Math.max(Number.NEGATIVE_INFINITY, ...committed.map((candidate) => peakOf(candidate.pods)));
  const bar = Math.max(above + 1, ...victims.map(({ pods }) => peakOf(pods.filter((pod) => !isWritable(pod)))));
  const costs: WantedCost[] = [];
  let below = Number.POSITIVE_INFINITY;
  for (const survivor of survivors) {
    const raised = raise(survivor, bar, scoreOf);
    if (!raised.ok) return raised;
    costs.push(...raised.costs);
    below = Math.min(below, sumAfter(survivor.pods, raised.costs));
  }
  for (const victim of victims) {
    const lowered = lower(victim, { above, below });
    if (!lowered.ok) return lowered;
    costs.push(...lowered.costs);
  }
  if (pool.frozen && costs.some(({ pod, cost }) => cost < kthenaCost(pod.cost))) {
    return { ok: false, reason: 'a scale-down of groups is in progress, and lower costs here could add a group to it' };
  }
  return { ok: true, costs };
};

function sumAfter(pods: readonly Pod[], costs: readonly WantedCost[]): number {
  const written = new Map(costs.map(({ pod, cost }) => [pod, String(cost)]));
  return sumOf(pods, (pod) => written.get(pod) ?? pod.cost);
}

/** Puts a survivor's sum above `bar` by one entry pod that carries no cost yet, as high as its whole score. */
function raise(survivor: Candidate, bar: number, scoreOf: (pod: Pod) => number): Encoding {
  const sum = sumOf(survivor.pods, writtenCosts);
  if (sum > bar) return { ok: true, costs: [] };
  const costless = (pod: Pod) => isWritable(pod) && kthenaCost(pod.cost) === 0;
  const entry = survivor.entryPods.find(costless) ?? survivor.pods.find(costless);
  const score = survivor.pods.filter(costless).reduce((total, pod) => total + scoreOf(pod), 0);
  const cost = Math.max(score, bar + 1 - sum);
  if (entry === undefined || cost > MAX_COST) {
    return { ok: false, reason: `${survivor.name} cannot be kept: the costs that its pods carry sum up to ${sum}` };
  }
  return { ok: true, costs: [{ pod: entry, cost, victim: null }] };
}

/** Brings a victim's sum and peak into the window, with as few writes as it takes. */
function lower(victim: Candidate, window: CostWindow): Encoding {
  const ours = victim.pods.filter(isWritable);
  const theirs = victim.pods.filter((pod) => !isWritable(pod));
  // What our own pods may sum up to: their peak is their sum, since none of it is negative.
  const room: CostWindow = {
    above: Math.max(-1, window.above - sumOf(theirs, writtenCosts)),
    below: window.below - peakOf(theirs),
  };
  const before = (pod: Pod) => kthenaCost(pod.cost);
  let sum = sumOf(ours, writtenCosts);
  if (sum > room.above && sum < room.below && ours.every((pod) => before(pod) >= 0)) return { ok: true, costs: [] };
  const target = middle(room);
  if (target === null) {
    return { ok: false, reason: `no cost for ${victim.name} fits between what is already going and what stays` };
  }

  const costs = new Map<Pod, number>();
  const set = (pod: Pod, cost: number) => {
    sum += cost - (costs.get(pod) ?? before(pod));
    costs.set(pod, cost);
  };
  for (const pod of ours) if (before(pod) < 0) set(pod, 0);
  for (const pod of [...ours].sort((a, b) => before(b) - before(a))) {
    if (sum <= target) break;
    const rest = sum - before(pod);
    set(pod, rest > room.above ? 0 : target - rest);
  }
  if (sum <= room.above) {
    const entry = victim.entryPods.find(isWritable) ?? ours[0];
    if (entry === undefined) return { ok: false, reason: `every cost of ${victim.name} was written by somebody else` };
    set(entry, (costs.get(entry) ?? before(entry)) + target - sum);
  }
  return { ok: true, costs: [...costs].map(([pod, cost]) => ({ pod, cost, victim: unitOf(victim) })) };
}
