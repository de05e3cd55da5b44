import type { Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Role, roleId, type Workload, workloadId } from '../domain/fleet/workload.ts';
import type { Pool } from '../domain/victims/pool.ts';
import type { Prospect } from '../domain/victims/prospect.ts';
import { costReaderOf, instanceOf, readerOf } from './cost-readers.ts';
import { adapterOf } from './registry.ts';

/**
 * How many replicas a workload, or every group of a role, will lose still of those that it has; 0 where that is not
 * known.
 */
export type OutlookOf = (workload: Workload, role?: Role) => number;

/**
 * Who will leave later, by what their workloads will still lose. Of what others are asked to give up, only groups, role
 * replicas, instances and pods count whose controllers read costs.
 */
export function prospectIn(snapshot: Snapshot, outlookOf: OutlookOf): Prospect {
  const outlooks = new Map<string, number>();
  const known = (id: string, outlook: () => number) => {
    const found = outlooks.get(id) ?? outlook();
    outlooks.set(id, found);
    return found;
  };
  return {
    outlookOf({ request, before, wanted }: Pool) {
      const { workload, from } = request;
      if (request.role === null) return outlookOf({ ...workload, replicas: from });
      const role = workload.roles.find(({ name }) => name === request.role);
      return Math.max(before - wanted, role === undefined ? 0 : outlookOf(workload, { ...role, replicas: from }));
    },
    leavesWith(pod) {
      const found = unitsOf(pod, snapshot);
      if (found === null) return null;
      const { workload, unit, replica } = found;
      const id = workloadId(workload);
      const outlook = known(id, () => outlookOf(workload));
      if (outlook > 0) return { pool: id, unit: `${id} ${unit}`, outlook };
      const role = workload.roles.find(({ name }) => name === adapterOf(workload).roleOf?.(pod));
      if (role === undefined || replica === undefined) return null;
      const ofRole = known(roleId(workload, role.name), () => outlookOf(workload, role));
      // Every group loses its own.
      const pool = `${roleId(workload, role.name)} ${unit}`;
      return ofRole > 0 ? { pool, unit: `${id} ${replica}`, outlook: ofRole } : null;
    },
  };
}

interface Units {
  readonly workload: Workload;
  readonly unit: string;
  /** The replica of a role, where the unit is a group of several. */
  readonly replica: string | undefined;
}

/** What of whose a pod goes with; null where no costs decide which of these go. */
function unitsOf(pod: Pod, snapshot: Snapshot): Units | null {
  const workload = costReaderOf(pod, snapshot);
  if (workload !== undefined) {
    const [unit, replica] = adapterOf(workload).unitsOf(pod);
    return unit === undefined ? null : { workload, unit, replica };
  }
  const instance = instanceOf(pod, snapshot);
  const set = instance === undefined ? undefined : readerOf(instance, snapshot);
  if (instance === undefined || set === undefined || !adapterOf(set).instances?.isReadBy(set)) return null;
  return { workload: set, unit: instance.name, replica: undefined };
}
