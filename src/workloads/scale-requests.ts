import type { Workload } from '../domain/fleet/workload.ts';
import { countChanges, scalingsAmong } from '../domain/ordering/count-changes.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';

/** The scale requests that turning `old` into `next` amounts to, groups first. */
export function scaleRequests(old: Workload, next: Workload): readonly ScaleRequest[] {
  return scalingsAmong(countChanges(old, next)).map(({ role, from, to }) => ({ workload: next, role, from, to }));
}

/** Requests for the counts that a workload has: read, they show what its controller does with no change at all. */
export function unchangedRequests(workload: Workload): readonly ScaleRequest[] {
  const { replicas, roles } = workload;
  return [
    { workload, role: null, from: replicas, to: replicas },
    ...roles.map(({ name, replicas: count }) => ({ workload, role: name, from: count, to: count })),
  ];
}
