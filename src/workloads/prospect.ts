import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadId } from '../domain/fleet/workload.ts';
import type { Pool } from '../domain/victims/pool.ts';
import type { Prospect } from '../domain/victims/prospect.ts';
import { costReaderOf } from './cost-readers.ts';
import { adapterOf } from './registry.ts';

/** How many replicas a workload will lose still of those that it has; 0 where that is not known. */
export type OutlookOf = (workload: Workload) => number;

/**
 * Who will leave later, by what their workloads will still lose. Of what others are asked to give up, only groups and
 * pods count whose controllers read costs; role replicas go as their request says, and no further.
 */
export function prospectIn(snapshot: Snapshot, outlookOf: OutlookOf): Prospect {
  const outlooks = new Map<string, number>();
  return {
    outlookOf: ({ request, before, wanted }: Pool) =>
      request.role === null ? outlookOf({ ...request.workload, replicas: request.from }) : before - wanted,
    leavesWith(pod) {
      const workload = costReaderOf(pod, snapshot);
      if (workload === undefined) return null;
      const id = workloadId(workload);
      const outlook = outlooks.get(id) ?? outlookOf(workload);
      outlooks.set(id, outlook);
      const [unit] = adapterOf(workload).unitsOf(pod);
      return outlook > 0 && unit !== undefined ? { workload: id, unit: `${id} ${unit}`, outlook } : null;
    },
  };
}
