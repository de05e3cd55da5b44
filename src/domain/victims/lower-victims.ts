import type { CostCarrier } from '../fleet/instance.ts';
import { markedUnit } from '../fleet/pod.ts';
import { MIN_COST, replicaSetCost } from './cost-grammar.ts';
import { type CostWindow, contains } from './cost-window.ts';
import {
  type Candidate,
  carriersOf,
  type Encoding,
  isWritable,
  type Pool,
  type SteerableConsumer,
  unitOf,
  type WantedCost,
} from './pool.ts';

/** How far below the survivors the first victims go, so that later ones fit between. */
const ROOM = 1000;

/**
 * Costs for a controller that compares one int32 a candidate: those of the last rank that goes at all get values above
 * what goes already and below what stays. Whoever ranks before goes whatever it costs, as long as it ranks there: what
 * is starting may be ready by the time the controller looks, and is lowered as well where it would stay then.
 */
export function lowerVictims(
  { rank }: Pick<SteerableConsumer, 'rank'>,
  pool: Pool,
  committed: readonly Candidate[],
  chosen: readonly Candidate[],
): Encoding {
  const rankOf = (candidate: Candidate) => rank(candidate, pool);
  const last = Math.max(...chosen.map(rankOf));
  const isPeer = (candidate: Candidate) => rankOf(candidate) === last;
  const gone = new Set([...committed, ...chosen]);
  const staying = pool.candidates.filter((candidate) => !gone.has(candidate));
  const window = windowBetween(committed.filter(isPeer), staying.filter(isPeer));
  const decided = lowerInto(window, chosen.filter(isPeer));
  if (!decided.ok) return decided;
  const isRanked = (candidate: Candidate) => !isPeer(candidate) || window.below === Number.POSITIVE_INFINITY;
  const starting = chosen.filter((candidate) => isRanked(candidate) && isStarting(candidate));
  return { ok: true, costs: [...decided.costs, ...lowerStarting(windowBetween(committed, staying), starting)] };
}

function windowBetween(committed: readonly Candidate[], staying: readonly Candidate[]): CostWindow {
  const costOf = (candidate: Candidate) => replicaSetCost(carrierOf(candidate).cost);
  return {
    above: Math.max(Number.NEGATIVE_INFINITY, ...committed.map(costOf)),
    below: Math.min(Number.POSITIVE_INFINITY, ...staying.map(costOf)),
  };
}

/**
 * Whether it has its node, and nothing but readiness ranks it. That may be one that is ready, but not for long enough
 * yet: RBG keeps those while as many others are unavailable as may be, and ranks anew.
 */
function isStarting({ goesFirst = false, pods }: Candidate): boolean {
  return !goesFirst && pods.length > 0 && pods.every(({ node }) => node !== null);
}

/** What cannot be lowered goes by its rank, if nothing comes between. */
function lowerStarting(window: CostWindow, starting: readonly Candidate[]): readonly WantedCost[] {
  const cost = goalIn(window);
  if (cost === null || window.below === Number.POSITIVE_INFINITY) return [];
  return starting.flatMap((candidate) => {
    const carrier = carrierOf(candidate);
    if (!isWritable(carrier) || replicaSetCost(carrier.cost) < window.below) return [];
    return [{ carrier, cost, victim: unitOf(candidate) }];
  });
}

/** Writes every victim that is ours, be it only for the mark: it makes the same request choose the same ones again. */
function lowerInto(window: CostWindow, victims: readonly Candidate[]): Encoding {
  if (window.below === Number.POSITIVE_INFINITY) return { ok: true, costs: [] };
  const goal = goalIn(window);
  const costs: WantedCost[] = [];
  for (const candidate of victims) {
    const carrier = carrierOf(candidate);
    const unit = unitOf(candidate);
    const own = replicaSetCost(carrier.cost);
    const isPlaced = contains(window, own);
    if (isPlaced && (!isWritable(carrier) || markedUnit(carrier) === unit)) continue;
    if (!isWritable(carrier)) {
      const what = carrier.place === undefined ? 'pod' : carrier.place.kind;
      return { ok: false, reason: `the cost ${carrier.cost} of ${what} ${carrier.name} was written by somebody else` };
    }
    const cost = isPlaced ? Math.min(own, goal ?? own) : goal;
    if (cost === null) {
      return { ok: false, reason: 'no cost fits between the pods that are already going and those that stay' };
    }
    costs.push({ carrier, cost, victim: unit });
  }
  return { ok: true, costs };
}

/** Far below the survivors, or just above what goes already: there is room for what comes next. */
function goalIn(window: CostWindow): number | null {
  if (window.above !== Number.NEGATIVE_INFINITY) return window.above + 1 < window.below ? window.above + 1 : null;
  const goal = Math.min(window.below, 0) - ROOM;
  return goal < MIN_COST ? null : goal;
}

function carrierOf(candidate: Candidate): CostCarrier {
  const [carrier] = carriersOf(candidate);
  if (carrier === undefined) throw new RangeError(`candidate ${candidate.name} has nothing that carries a cost`);
  return carrier;
}
