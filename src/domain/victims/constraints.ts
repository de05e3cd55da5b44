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
  const staying = ordered.filter(({ deleting }) => !deleting);
  // What is on its way out fills the count first; that it really ranks first is what the encoding must see to.
  const dueAlready = Math.max(0, staying.length - Math.max(pool.before, pool.wanted));
  const isPartitionMoved = pool.partitionBefore !== pool.partition;
  const stayingBefore = isPartitionMoved
    ? consumer.order({ ...pool, partition: pool.partitionBefore }, costs).filter(({ deleting }) => !deleting)
    : staying;
  const committed = [...pool.candidates.filter(({ deleting }) => deleting), ...stayingBefore.slice(0, dueAlready)];
  const due = Math.max(0, staying.length - dueAlready - pool.wanted);

  const gone = new Set(committed);
  const waiting = staying
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
