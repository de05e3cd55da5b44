import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadId } from '../domain/fleet/workload.ts';
import type { Pool } from '../domain/victims/pool.ts';
import type { Prospect } from '../domain/victims/prospect.ts';
import { costReaderOf, instanceOf, readerOf } from './cost-readers.ts';
import { adapterOf } from './registry.ts';

/** How many replicas a workload will lose still of those that it has; 0 where that is not known. */
export type OutlookOf = (workload: Workload) => number;

/**
 * Who will leave later, by what their workloads will still lose. Of what others are asked to give up, only groups and
 * instances and pods count whose controllers read costs; role replicas go as their request says, and no further.
 */
export function prospectIn(snapshot: Snapshot, outlookOf: OutlookOf): Prospect {
  const outlooks = new Map<string, number>();
  return {
    outlookOf: ({ request, before, wanted }: Pool) =>
      request.role === null ? outlookOf({ ...request.workload, replicas: request.from }) : before - wanted,
    leavesWith(pod) {
      const { workload, unit } = unitOf(pod, snapshot);
      if (workload === undefined || unit === undefined) return null;
      const id = workloadId(workload);
      const outlook = outlooks.get(id) ?? outlookOf(workload);
      outlooks.set(id, outlook);
      return outlook > 0 ? { workload: id, unit: `${id} ${unit}`, outlook } : null;
    },
  };
}

/** What of whose a pod goes with, where costs decide which of these go. */
function unitOf(pod: Pod, snapshot: Snapshot): { readonly workload?: Workload; readonly unit?: string } {
  const workload = costReaderOf(pod, snapshot);
  if (workload !== undefined) {
    const [unit] = adapterOf(workload).unitsOf(pod);
    return unit === undefined ? {} : { workload, unit };
  }
  const instance = instanceOf(pod, snapshot);
  const set = instance === undefined ? undefined : readerOf(instance, snapshot);
  if (instance === undefined || set === undefined) return {};
  return adapterOf(set).instances?.isReadBy(set) === true ? { workload: set, unit: instance.name } : {};
}
