import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { lacksUid, type Workload, workloadName } from '../domain/fleet/workload.ts';
import { countOf } from '../domain/ordering/count-changes.ts';
import { nameOf } from '../domain/victims/outcome.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';
import type { AdmittedCounts } from './admitted-counts.ts';

/**
 * How the fleet contradicts what a review says there was, null if it does not. Forged, stale and half-seen reviews are
 * told by their uid and their old counts.
 */
export function disagreement(
  old: Workload,
  changes: readonly ScaleRequest[],
  snapshot: Snapshot,
  admitted: AdmittedCounts,
): string | null {
  const known = snapshot.workload(old);
  if (known === undefined) return `${workloadName(old)} is not in the fleet`;
  if (known.uid !== old.uid) {
    return lacksUid(old)
      ? `the review gives no uid of ${workloadName(old)}`
      : `${workloadName(old)} has another uid in the fleet`;
  }
  for (const { role, from } of changes) {
    const count = countOf(known, role);
    if (count !== from && !admitted.includes(old, role, from)) {
      return `${nameOf({ workload: old, role })} has ${count ?? 'no'} replicas in the fleet, not ${from}`;
    }
  }
  return null;
}
