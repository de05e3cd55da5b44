import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { WorkloadKey } from '../domain/fleet/workload.ts';
import type { Observed } from '../domain/ordering/facts.ts';
import type { Candidate, Pool } from '../domain/victims/pool.ts';
import type { AdapterOptions, Reading } from './adapter.ts';
import { adapterOf } from './registry.ts';
import { unchangedRequests } from './scaling.ts';

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
  const workload = snapshot.workload(key);
  const readings =
    workload === undefined || workload.uid !== key.uid
      ? []
      : unchangedRequests(workload)
          .filter(({ role, from }) => counts.has(role) && from <= MOST)
          .map((request) => ({ request, reading: adapterOf(workload).scale(request, snapshot, now, options) }))
          .filter(({ reading }) => reading.pools.some(({ candidates }) => candidates.length > 0));
  return {
    observed: new Map(readings.map(({ request, reading }) => [request.role, observed(reading, snapshot, now)])),
    pools: readings.flatMap(({ reading }) => reading.pools),
  };
}

function observed({ pools, created }: Reading, snapshot: Snapshot, now: number): Observed {
  const candidates = pools.flatMap((pool) => pool.candidates);
  const present = candidates.filter(({ deleting }) => !deleting);
  const births = present.flatMap(({ pods }) => pods.map((pod) => pod.created));
  return {
    wanted: pools.reduce((sum, { before }) => sum + before, 0),
    present: present.length,
    ready: present.filter(({ ready }) => ready).length,
    starting: present.filter(isStarting).length,
    deleting: candidates.length - present.length + unlisted(candidates, snapshot).length,
    missing: created,
    age: births.length === 0 ? null : now - births.reduce((newest, birth) => Math.max(newest, birth)),
  };
}

/** One whose pods have failed before may never be ready: nothing is on its way in. */
function isStarting({ ready, pods }: Candidate): boolean {
  return !ready && pods.every(({ restarts, phase }) => restarts === 0 && (phase === 'Pending' || phase === 'Running'));
}

/** ReplicaSet does not count pods on their way out, so that its pools leave them out; a pod of a role is never alone. */
function unlisted(candidates: readonly Candidate[], snapshot: Snapshot): readonly Pod[] {
  const [first] = candidates;
  if (first === undefined || first.group !== null) return [];
  const listed = new Set(candidates.flatMap(({ pods }) => pods));
  const controllers = new Set([...listed].flatMap(({ controller }) => controller?.uid ?? []));
  return [...controllers].flatMap((uid) => snapshot.podsOf(uid)).filter((pod) => pod.deleting && !listed.has(pod));
}
