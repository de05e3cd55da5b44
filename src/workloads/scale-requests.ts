import type { Workload } from '../domain/fleet/workload.ts';
import { replicasOf } from '../domain/ordering/count-changes.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';

/** The scale requests that turning `old` into `next` amounts to, groups first. */
export function scaleRequests(old: Workload, next: Workload): readonly ScaleRequest[] {
  const [from, to] = [old.replicas, next.replicas];
  const own = from === to ? [] : [{ workload: next, role: null, from, to }];
  // A /scale changes no role: the lists are the same one.
  if (old.roles === next.roles) return own;
  const ofRoles = next.roles.flatMap(({ name, replicas }) => {
    const before = replicasOf(old, name);
    return before === null || before === replicas ? [] : [{ workload: next, role: name, from: before, to: replicas }];
  });
  return [...own, ...ofRoles];
}

/** Requests for the counts that a workload has: read, they show what its controller does with no change at all. */
export function unchangedRequests(workload: Workload): readonly ScaleRequest[] {
  const { replicas, roles } = workload;
  return [
    { workload, role: null, from: replicas, to: replicas },
    ...roles.map(({ name, replicas: count }) => ({ workload, role: name, from: count, to: count })),
  ];
}
