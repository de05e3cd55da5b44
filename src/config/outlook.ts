import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Role, Workload } from '../domain/fleet/workload.ts';
import { floorOfRole, floorOfWorkload, type SeenLow } from '../workloads/floors.ts';
import type { OutlookOf } from '../workloads/prospect.ts';
import type { Config } from './config.ts';
import { modeOf } from './modes.ts';

/**
 * How far each workload will shrink from the count that it has, and each role of one whose groups stay; one that
 * packdown leaves alone is not counted on.
 */
export function outlookOf(snapshot: Snapshot, config: Config, seenLow: SeenLow = () => null): OutlookOf {
  return (workload: Workload, role?: Role) => {
    if (modeOf(workload, snapshot, config) === 'off') return 0;
    const groups = positive(workload.replicas - floorOfWorkload(workload, snapshot, seenLow).floor);
    if (role === undefined) return groups;
    const floor = groups > 0 ? null : floorOfRole(workload, role, seenLow);
    return floor === null ? 0 : positive(role.replicas - floor.floor);
  };
}

/** 0 for what is negative or no number. */
function positive(count: number): number {
  return count > 0 ? count : 0;
}
