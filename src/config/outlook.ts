import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { floorOfWorkload, type SeenLow } from '../workloads/floors.ts';
import type { OutlookOf } from '../workloads/prospect.ts';
import type { Config } from './config.ts';
import { isExempt, modeFor } from './modes.ts';

/** How far each workload will shrink from the count that it has; one that packdown leaves alone is not counted on. */
export function outlookOf(snapshot: Snapshot, config: Config, seenLow: SeenLow = () => null): OutlookOf {
  return (workload: Workload) => {
    if (isExempt(workload.namespace, snapshot, config) || modeFor(workload, snapshot, config) === 'off') return 0;
    const { floor } = floorOfWorkload(workload, snapshot, seenLow);
    const outlook = workload.replicas - floor;
    return outlook > 0 ? outlook : 0;
  };
}
