import type { Pod } from '../fleet/pod.ts';
import { kthenaCost, MAX_COST } from './cost-grammar.ts';
import { type CostWindow, middle } from './cost-window.ts';
import {
  type Candidate,
  type CostText,
  type Encoding,
  isMarked,
  isWritable,
  type Misfit,
  unitOf,
  type WantedCost,
  writtenCosts,
} from './pool.ts';

/** How far above what is going a survivor is raised: each scale-down that comes meanwhile takes one of it at least. */
const ROOM = 16;

/** The sum that Kthena compares. */
export function sumOf(pods: readonly Pod[], costs: CostText): number {
  let sum = 0;
  for (const pod of pods) sum += kthenaCost(costs(pod));
  return sum;
}

/** The highest sum that can show while the pods vanish one by one, in whatever order. */
export function peakOf(pods: readonly Pod[]): number {
  return pods.reduce((sum, pod) => sum + Math.max(0, kthenaCost(pod.cost)), 0);
}

/** The lowest sum that can show while those of its pods vanish that do not stay. */
export function stayingSum(survivor: Candidate): number {
  let sum = 0;
  for (const pod of survivor.pods) {
    const cost = kthenaCost(pod.cost);
    sum += stays(pod, survivor) ? cost : Math.min(0, cost);
  }
  return sum;
}

function stays(pod: Pod, { leaving }: Candidate): boolean {
  return !pod.deleting && leaving?.includes(pod) !== true;
}

/** The cost that raises a survivor, and the lowest sum that can then show. */
export type Raised = Misfit | { readonly ok: true; readonly cost: WantedCost; readonly sum: number };

/**
 * Puts a survivor's `sum` above `bar` by the cost of one pod: of those that carry none yet, or else of all, an entry
 * pod first. It gets the scores of all that carry none, or more where later victims would not fit between.
 */
export function raise(survivor: Candidate, sum: number, bar: number, scoreOf: (pod: Pod) => number): Raised {
  const ours = survivor.pods.filter((pod) => isWritable(pod) && stays(pod, survivor));
  const costless = ours.filter(({ cost }) => kthenaCost(cost) <= 0);
  const firstOf = (pods: readonly Pod[]) => survivor.entryPods.find((pod) => pods.includes(pod)) ?? pods[0];
  const raised = firstOf(costless) ?? firstOf(ours);
  const score = costless.reduce((total, pod) => total + scoreOf(pod), 0);
  const before = kthenaCost(raised?.cost ?? null);
  const least = bar + 1 - sum + before;
  if (raised === undefined || least > MAX_COST) {
    return { ok: false, reason: `${survivor.name} cannot be kept: the costs that its pods carry sum up to ${sum}` };
  }
  const cost = Math.min(MAX_COST, Math.max(score, least + ROOM));
  return { ok: true, cost: { carrier: raised, cost, victim: null }, sum: sum - before + cost };
}

/**
 * Brings a victim's sum and peak to the low end of the window: what is above is for scale-downs that come while this one
 * is still in progress, and for survivors that lose pods meanwhile, as one does of which a role replica is made anew.
 * A victim that is in the lower half already is left there.
 */
export function lower(victim: Candidate, window: CostWindow): Encoding {
  const ours = victim.pods.filter(isWritable);
  const theirs = victim.pods.filter((pod) => !isWritable(pod));
  // What our own pods may sum up to: their peak is their sum, since none of it is negative.
  const room: CostWindow = {
    above: Math.max(-1, window.above - sumOf(theirs, writtenCosts)),
    below: window.below - peakOf(theirs),
  };
  const before = (pod: Pod) => kthenaCost(pod.cost);
  let sum = sumOf(ours, writtenCosts);
  const misfit: Misfit = {
    ok: false,
    reason: `no cost for ${victim.name} fits between what is already going and what stays`,
  };
  const half = middle(room);
  if (half === null) return misfit;
  const lowest = room.above + 1;
  if (sum >= lowest && sum <= half && ours.every((pod) => before(pod) >= 0)) {
    return { ok: true, costs: markOf(victim) };
  }

  const costs = new Map<Pod, number>();
  const set = (pod: Pod, cost: number) => {
    sum += cost - (costs.get(pod) ?? before(pod));
    costs.set(pod, cost);
  };
  for (const pod of ours) if (before(pod) < 0) set(pod, 0);
  for (const pod of [...ours].sort((a, b) => before(b) - before(a))) {
    if (sum <= lowest) break;
    const rest = sum - before(pod);
    set(pod, Math.max(0, lowest - rest));
  }
  if (sum < lowest) {
    const entry = markBearer(victim);
    if (entry === undefined) return { ok: false, reason: `every cost of ${victim.name} was written by somebody else` };
    const lifted = (costs.get(entry) ?? before(entry)) + lowest - sum;
    if (lifted > MAX_COST) return misfit;
    set(entry, lifted);
  }
  // What lowers goes first, so that no write on the way lifts the victim above where it was or will be.
  const inOrder = [...costs].sort(([a, costA], [b, costB]) => costA - before(a) - (costB - before(b)));
  return { ok: true, costs: inOrder.map(([carrier, cost]) => ({ carrier, cost, victim: unitOf(victim) })) };
}

/** Takes what is ours off the sum of something on its way out: it goes as well, and nothing has to be put above it. */
export function sink({ pods }: Candidate): readonly WantedCost[] {
  const ours = pods.filter((pod) => isWritable(pod) && kthenaCost(pod.cost) > 0);
  return ours.map((carrier) => ({ carrier, cost: 0, victim: null }));
}

/** A victim whose costs are right already is still marked once, so that the same request chooses it again. */
function markOf(victim: Candidate): readonly WantedCost[] {
  const bearer = markBearer(victim);
  if (bearer === undefined || isMarked(victim)) return [];
  return [{ carrier: bearer, cost: kthenaCost(bearer.cost), victim: unitOf(victim) }];
}

function markBearer(victim: Candidate): Pod | undefined {
  return victim.entryPods.find(isWritable) ?? victim.pods.find(isWritable);
}
