import type { CostCarrier } from '../fleet/instance.ts';
import { markedUnit } from '../fleet/pod.ts';
import { MIN_COST, replicaSetCost } from './cost-grammar.ts';
import { type CostWindow, contains, middle } from './cost-window.ts';
import { type Candidate, carriersOf, type Encoding, isWritable, type Pool, unitOf, type WantedCost } from './pool.ts';

/** How far below the survivors the first victims go, so that later ones fit between. */
const ROOM = 1000;

/**
 * Costs for a controller that compares one int32 a candidate: those of the last rank that goes at all get values above
 * what goes already and below what stays. Whoever ranks before goes whatever it costs.
 */
export function lowerVictims(pool: Pool, committed: readonly Candidate[], chosen: readonly Candidate[]): Encoding {
  const rankOf = (candidate: Candidate) => pool.consumer.rank(candidate, pool);
  const last = Math.max(...chosen.map(rankOf));
  const peers = (candidates: readonly Candidate[]) => candidates.filter((candidate) => rankOf(candidate) === last);
  const costsOf = (candidates: readonly Candidate[]) =>
    peers(candidates).map((candidate) => replicaSetCost(carrierOf(candidate).cost));
  const gone = new Set([...committed, ...chosen]);
  const window: CostWindow = {
    above: Math.max(Number.NEGATIVE_INFINITY, ...costsOf(committed)),
    below: Math.min(Number.POSITIVE_INFINITY, ...costsOf(pool.candidates.filter((candidate) => !gone.has(candidate)))),
  };
  return lowerInto(window, peers(chosen));
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
    costs.push({ pod: carrier, cost, victim: unit });
  }
  return { ok: true, costs };
}

/** Far below the survivors, or in the middle when something goes already: there is room for what comes next. */
function goalIn(window: CostWindow): number | null {
  if (window.above !== Number.NEGATIVE_INFINITY) return middle(window);
  const goal = Math.min(window.below, 0) - ROOM;
  return goal < MIN_COST ? null : goal;
}

function carrierOf(candidate: Candidate): CostCarrier {
  const [carrier] = carriersOf(candidate);
  if (carrier === undefined) throw new RangeError(`candidate ${candidate.name} has nothing that carries a cost`);
  return carrier;
}
