import type { Snapshot } from '../domain/fleet/snapshot.ts';
import { type Workload, workloadId } from '../domain/fleet/workload.ts';
import { withCounts } from '../domain/ordering/count-changes.ts';

/** The objects that scale one role of a workload each, by the role's name. */
export type Scalers = ReadonlyMap<string, Workload>;

export function scalersOf(workload: Workload, snapshot: Snapshot): Scalers {
  const id = workloadId(workload);
  return new Map(
    snapshot.workloadsOf(workload.uid).flatMap((scaler): readonly [string, Workload][] => {
      const { target } = scaler;
      return target === undefined || target.role === null || workloadId(target) !== id ? [] : [[target.role, scaler]];
    }),
  );
}

/** The workload as its scalers want it: what they ask for may be carried out a moment later. */
export function withScalersCounts(workload: Workload, scalers: Scalers): Workload {
  const roles = new Map([...scalers].map(([role, { replicas }]) => [role, replicas]));
  return withCounts(workload, { replicas: null, roles });
}
