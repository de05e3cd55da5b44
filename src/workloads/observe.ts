import type { Instance } from '../domain/fleet/instance.ts';
import { hangs, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { WorkloadKey } from '../domain/fleet/workload.ts';
import { memo } from '../domain/memo.ts';
import type { Observed } from '../domain/ordering/facts.ts';
import type { Candidate, Pool } from '../domain/victims/pool.ts';
import type { AdapterOptions, Reading } from './adapter.ts';
import { podsUnder } from './owned-pods.ts';
import { adapterOf } from './registry.ts';
import { unchangedRequests } from './scale-requests.ts';
import { scalersOf, withScalersCounts } from './scalers.ts';

export interface Observation {
  /** By role, null for the workload's own count; only counts of which there is anything to see. */
  readonly observed: ReadonlyMap<string | null, Observed>;
  readonly pools: readonly Pool[];
}

/** A count beyond this is a slip that nobody has to look at replica by replica. */
const MOST = 100_000;

/**
 * What there is of a workload's replicas, for some of its counts and by the numbers that the fleet has; `now` is
 * milliseconds since the epoch.
 */
export function observe(
  key: WorkloadKey & { readonly uid: string },
  counts: ReadonlySet<string | null>,
  snapshot: Snapshot,
  now: number,
  options?: AdapterOptions,
): Observation {
  const observed = new Map<string | null, Observed>();
  const pools: Pool[] = [];
  const workload = snapshot.workload(key);
  if (workload === undefined || workload.uid !== key.uid) return { observed, pools };
  const scaled = withScalersCounts(workload, scalersOf(workload, snapshot));
  for (const request of unchangedRequests(scaled)) {
    if (!counts.has(request.role) || request.from > MOST) continue;
    const reading = adapterOf(workload).scale(request, snapshot, now, options);
    if (!reading.pools.some(({ candidates }) => candidates.length > 0)) continue;
    observed.set(request.role, observedIn(reading, snapshot, now));
    pools.push(...reading.pools);
  }
  return { observed, pools };
}

function observedIn({ pools, created }: Reading, snapshot: Snapshot, now: number): Observed {
  const tally = pools.map(({ candidates }) => tallyOf(candidates)).reduce(together);
  const { present, ready, starting, deleting, newest } = tally;
  const going = [...deleting.map(({ pods }) => pods), ...unlisted(pools, snapshot)];
  return {
    wanted: pools.reduce((total, { before }) => total + before, 0),
    present,
    ready,
    starting,
    deleting: going.filter((pods) => isChosen(pods, now)).length,
    missing: created,
    age: newest === Number.NEGATIVE_INFINITY ? null : now - newest,
  };
}

/** What candidates are, counted. */
interface Tally {
  readonly present: number;
  readonly ready: number;
  readonly starting: number;
  readonly deleting: readonly Candidate[];
  /** When the newest pod of one that is present was created, in milliseconds since the epoch; -Infinity without one. */
  readonly newest: number;
}

function together(one: Tally, other: Tally): Tally {
  return {
    present: one.present + other.present,
    ready: one.ready + other.ready,
    starting: one.starting + other.starting,
    deleting: [...one.deleting, ...other.deleting],
    newest: Math.max(one.newest, other.newest),
  };
}

/** Kept with the list: some kinds give the same one until something changes. */
const tallyOf = memo((candidates: readonly Candidate[]): Tally => {
  const present = candidates.filter(({ deleting }) => !deleting);
  return {
    present: present.length,
    ready: present.filter(({ ready }) => ready).length,
    starting: present.filter(isStarting).length,
    deleting: candidates.filter(({ deleting }) => deleting),
    newest: present.flatMap(({ pods }) => pods).reduce(latest, Number.NEGATIVE_INFINITY),
  };
});

function latest(time: number, { created }: Pod): number {
  return Math.max(time, created);
}

/** One whose pods have failed before may never be ready: nothing is on its way in. */
function isStarting({ ready, pods }: Candidate): boolean {
  return !ready && pods.every(({ restarts, phase }) => restarts === 0 && (phase === 'Pending' || phase === 'Running'));
}

/**
 * Whether its controller may have chosen what is on its way out. Of a group that loses a pod by an eviction the others
 * go only to be made anew, and what hangs may do so for ever.
 */
function isChosen(pods: readonly Pod[], now: number): boolean {
  return pods.length === 0 || !(pods.some(({ evicted }) => evicted) || pods.every((pod) => hangs(pod, now)));
}

/**
 * The pods of each unit on its way out that pools leave out, since its controller does not count it: of an instance of a
 * stateless RoleInstanceSet, and a pod of a ReplicaSet, for one of a role is never alone.
 */
function unlisted(pools: readonly Pool[], snapshot: Snapshot): readonly (readonly Pod[])[] {
  const first = pools.find(({ candidates }) => candidates.length > 0)?.candidates[0];
  if (first?.carrier !== undefined) return instancesGoing(pools, snapshot).map(({ uid }) => podsUnder(uid, snapshot));
  if (first === undefined || first.group !== null) return [];
  const candidates = pools.flatMap((pool) => pool.candidates);
  const listed = new Set(candidates.flatMap(({ pods }) => pods));
  const controllers = new Set([...listed].flatMap(({ controller }) => controller?.uid ?? []));
  return [...controllers]
    .flatMap((uid) => snapshot.podsOf(uid))
    .filter((pod) => pod.deleting && !listed.has(pod))
    .map((pod) => [pod]);
}

function instancesGoing(pools: readonly Pool[], snapshot: Snapshot): readonly Instance[] {
  const candidates = pools.flatMap((pool) => pool.candidates);
  const controllers = new Set(candidates.flatMap(({ carrier }) => carrier?.controller?.uid ?? []));
  return [...controllers].flatMap((uid) => snapshot.instancesOf(uid)).filter(({ deleting }) => deleting);
}
