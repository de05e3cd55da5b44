import type { CostCarrier } from '../fleet/instance.ts';
import type { Pod } from '../fleet/pod.ts';
import { lower, peakOf, raise, sink, stayingSum } from './candidate-sum.ts';
import { kthenaCost } from './cost-grammar.ts';
import {
  type Candidate,
  type Encoding,
  isMarked,
  isWritable,
  type Misfit,
  type Pool,
  type WantedCost,
} from './pool.ts';

const PROTECTED = 2;

/** What decides before the sum: unprotected before protected, not ready before ready. */
export function rankAt(candidate: Candidate, position: number, partition: number): number {
  return (position < partition ? PROTECTED : 0) + (candidate.ready ? 1 : 0);
}

/**
 * Costs under which `chosen` go and nothing else does. Kthena recounts after every pod event, so the order of the sums
 * must hold while the pods vanish one by one: no cost is negative, the peak of everything that goes stays below every
 * survivor's sum, and what goes next stays above the peak of what is going already. Victims are lowered towards 0,
 * and what goes without our doing to 0; survivors are raised only where nothing fits below them.
 *
 * Kthena ranks by a status that it keeps: only a failed, restarted or deleted pod makes it less than Running, one that
 * is starting may be Running by the time it looks, and a late event of a pod makes a group on its way out Running
 * again. So what is not ready goes first by its sum as well; where something that is not ready stays beside it, no cost
 * decides for certain, and the encoding says so.
 *
 * @param recounts whether what is on its way out keeps counting and ranking: groups do, role replicas do not
 */
export function encodeSums(
  recounts: boolean,
  pool: Pool,
  committed: readonly Candidate[],
  chosen: readonly Candidate[],
  scoreOf: (pod: Pod) => number,
): Encoding {
  const ahead = committed.filter((candidate) => recounts || !candidate.deleting);
  const gone = new Set([...committed, ...chosen]);
  const staying = pool.candidates.filter((candidate) => !gone.has(candidate));
  const protectedOnes = new Set(pool.candidates.slice(0, Math.max(0, pool.partition)));
  const isProtected = (candidate: Candidate) => protectedOnes.has(candidate);
  // Positions move up while protected victims vanish, and an unprotected victim may take a protected one's place.
  const positionsMove = recounts && [...gone].some(isProtected);
  const exposed = staying.find(({ ready }) => !ready);
  if (positionsMove && exposed !== undefined && [...gone].some(({ ready }) => ready)) {
    return {
      ok: false,
      reason: `${exposed.name} is not ready, and the partition that protects it moves while others go`,
    };
  }
  const compared: Compared = (going, survivor) =>
    (positionsMove || isProtected(going) === isProtected(survivor)) && (survivor.ready || !going.ready);

  const { sunk, above } = sinkUnsteered(ahead, staying, compared);
  const victims = chosen.filter((victim) => staying.some((survivor) => compared(victim, survivor)));
  const raised = raiseSurvivors({ ahead, victims, staying, compared, above }, scoreOf);
  if (!raised.ok) return raised;
  const costs = [...sunk, ...raised.costs];
  for (const victim of victims) {
    const lowered = lower(victim, { above, below: raised.below });
    if (!lowered.ok) return lowered;
    costs.push(...lowered.costs);
  }
  if (pool.frozen && costs.some(({ carrier, cost }) => cost !== kthenaCost(carrier.cost))) {
    return {
      ok: false,
      reason: 'a scale-down of groups is in progress, and other costs here could change what it takes',
    };
  }
  return { ok: true, costs, ...doubtOf([...chosen, ...ahead], staying, compared) };
}

/** Whether a sum decides between the two, nothing before it. */
type Compared = (going: Candidate, survivor: Candidate) => boolean;

/**
 * Sinks what goes already with costs of half as much as one that stays has, or more: its node or its controller sends
 * it away, and no scale-down did. It counts until it is gone, and a survivor that lost a pod meanwhile would go in its
 * place. `above` is the peak of all that goes already, once that is sunk.
 */
function sinkUnsteered(
  ahead: readonly Candidate[],
  staying: readonly Candidate[],
  compared: Compared,
): { readonly sunk: readonly WantedCost[]; readonly above: number } {
  const lowestRival = (going: Candidate) =>
    Math.min(...staying.filter((survivor) => compared(going, survivor)).map(stayingSum));
  const isHigh = (going: Candidate) => 2 * peakOf(going.pods) >= lowestRival(going);
  const sunk = ahead.filter((going) => going.deleting && !isMarked(going) && isHigh(going)).flatMap(sink);
  const sunken = new Set<CostCarrier>(sunk.map(({ carrier }) => carrier));
  const peaks = ahead.map(({ pods }) => peakOf(pods.filter((pod) => !sunken.has(pod))));
  return { sunk, above: Math.max(Number.NEGATIVE_INFINITY, ...peaks) };
}

interface Contest {
  /** What goes already. */
  readonly ahead: readonly Candidate[];
  /** The peak of it. */
  readonly above: number;
  /** What is to go next, as far as sums decide on it. */
  readonly victims: readonly Candidate[];
  readonly staying: readonly Candidate[];
  readonly compared: Compared;
}

/**
 * Puts survivors above what they are compared with, and what of it cannot be lowered. `below` is the lowest sum of those
 * that the victims have to stay under.
 */
function raiseSurvivors(
  { ahead, above, victims, staying, compared }: Contest,
  scoreOf: (pod: Pod) => number,
): Misfit | { readonly ok: true; readonly costs: readonly WantedCost[]; readonly below: number } {
  const bar = Math.max(above + 1, ...victims.map(({ pods }) => peakOf(pods.filter((pod) => !isWritable(pod)))));
  const costs: WantedCost[] = [];
  let below = Number.POSITIVE_INFINITY;
  for (const survivor of staying) {
    const isRival = victims.some((victim) => compared(victim, survivor));
    if (!isRival && !ahead.some((going) => compared(going, survivor))) continue;
    const floor = isRival ? bar : above;
    let sum = stayingSum(survivor);
    if (sum <= floor) {
      const raised = raise(survivor, sum, floor, scoreOf);
      if (!raised.ok) return raised;
      costs.push(raised.cost);
      sum = raised.sum;
    }
    if (isRival) below = Math.min(below, sum);
  }
  return { ok: true, costs, below };
}

/** Where neither what goes nor what stays is ready, the status that Kthena keeps of them decides before any sum. */
function doubtOf(
  going: readonly Candidate[],
  staying: readonly Candidate[],
  compared: Compared,
): { readonly doubt?: string } {
  for (const survivor of staying.filter(({ ready }) => !ready)) {
    const rival = going.find((candidate) => compared(candidate, survivor));
    if (rival === undefined) continue;
    return {
      doubt: `${survivor.name} is not ready and stays, and Kthena takes it before ${rival.name} if it counts only that one as ready`,
    };
  }
  return {};
}
