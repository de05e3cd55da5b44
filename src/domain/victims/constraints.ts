import {
  type Candidate,
  type CostText,
  carriersOf,
  isMarked,
  isWritable,
  type Pool,
  type SteerableConsumer,
} from './pool.ts';

/** What of a scale-down is settled before anyone chooses. */
export interface Constraints {
  /** On its way out, or first in the controller's order for the count that it knows already. */
  readonly committed: readonly Candidate[];
  /** Goes before any choice: by readiness, partition, our own marks, or a cost that somebody else wrote. */
  readonly forced: readonly Candidate[];
  /** The planner chooses `choose` of these. */
  readonly free: readonly Candidate[];
  readonly choose: number;
}

/**
 * Who decides within one rank, in the order in which they are heard: members that we marked for a scale-down that was
 * admitted; a negative cost of somebody else ("delete me first"); the planner; a positive one; the anchor.
 */
const MARKED = 0;
const OFFERED = 1;
const FREE = 2;
const KEPT = 3;
const ANCHOR = 4;

/** Splits a pool into what must go, what may go and what cannot, as its controller would see it under `costs`. */
export function constrain(pool: Pool, costs: CostText): Constraints {
  const { consumer } = pool;
  if (!consumer.readsCosts) {
    const committed = consumer.victims(pool, Math.max(pool.before, pool.wanted), costs);
    const forced = consumer.victims(pool, pool.wanted, costs).filter((candidate) => !committed.includes(candidate));
    return { committed, forced, free: [], choose: 0 };
  }
  const ordered = consumer.order(pool, costs);
  const isPartitionMoved = pool.partitionBefore !== pool.partition;
  const before = isPartitionMoved ? { ...pool, partition: pool.partitionBefore } : pool;
  const orderedBefore = isPartitionMoved ? consumer.order(before, costs) : ordered;
  const dueBefore = dueOf(orderedBefore, consumer, before, Math.max(pool.before, pool.wanted));
  const goingBefore = orderedBefore.filter(({ deleting }) => !deleting).slice(0, dueBefore);
  const committed = [...pool.candidates.filter(({ deleting }) => deleting), ...goingBefore];
  const due = Math.max(0, dueOf(ordered, consumer, pool, pool.wanted) - dueBefore);

  const gone = new Set(committed);
  const waiting = ordered
    .filter((candidate) => !gone.has(candidate))
    .map((candidate) => heard(candidate, consumer, pool))
    .sort((a, b) => a.rank - b.rank || a.voice - b.voice || a.foreign - b.foreign);
  const last = waiting[due - 1];
  if (last === undefined) return { committed, forced: [], free: [], choose: 0 };
  if (last.voice !== FREE) {
    return { committed, forced: waiting.slice(0, due).map(({ candidate }) => candidate), free: [], choose: 0 };
  }
  const forced = waiting.filter((entry) => entry.rank < last.rank || (entry.rank === last.rank && entry.voice < FREE));
  const free = waiting.filter((entry) => entry.rank === last.rank && entry.voice === FREE);
  return {
    committed,
    forced: forced.map(({ candidate }) => candidate),
    free: free.map(({ candidate }) => candidate),
    choose: due - forced.length,
  };
}

/**
 * How many that are not on their way out yet have to go for so many to be kept. What is on its way out fills the count
 * first, but only among its like: one that the partition protects fills it after all that are not protected. That it
 * really comes first there is what the encoding must see to.
 */
function dueOf(ordered: readonly Candidate[], consumer: SteerableConsumer, pool: Pool, kept: number): number {
  const excess = Math.max(0, ordered.length - kept);
  if (excess === 0 || !ordered.some(({ deleting }) => deleting)) return excess;
  const ranked = ordered.map((candidate) => ({ deleting: candidate.deleting, rank: consumer.rank(candidate, pool) }));
  return ranked
    .sort((a, b) => a.rank - b.rank || Number(b.deleting) - Number(a.deleting))
    .slice(0, excess)
    .filter(({ deleting }) => !deleting).length;
}

interface Heard {
  readonly candidate: Candidate;
  readonly rank: number;
  readonly voice: number;
  /** The sum of what others want of it. */
  readonly foreign: number;
}

function heard(candidate: Candidate, consumer: SteerableConsumer, pool: Pool): Heard {
  const rank = consumer.rank(candidate, pool);
  if (isMarked(candidate)) return { candidate, rank, voice: MARKED, foreign: 0 };
  let foreign = 0;
  let isTheirs = true;
  for (const carrier of carriersOf(candidate)) {
    if (isWritable(carrier)) isTheirs = false;
    else foreign += consumer.parse(carrier.cost);
  }
  return { candidate, rank, voice: voiceOf(candidate, foreign, isTheirs), foreign };
}

/** `isTheirs` where every cost of it is somebody else's. */
function voiceOf({ anchor }: Candidate, foreign: number, isTheirs: boolean): number {
  if (anchor) return ANCHOR;
  if (foreign < 0) return OFFERED;
  return foreign > 0 || isTheirs ? KEPT : FREE;
}
