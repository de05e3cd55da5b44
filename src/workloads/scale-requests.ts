import type { Workload } from '../domain/fleet/workload.ts';
import type { ScaleRequest } from '../domain/victims/pool.ts';

/** The scale requests that turning `old` into `next` amounts to, groups first. */
export function scaleRequests(old: Workload, next: Workload): readonly ScaleRequest[] {
  const requests: ScaleRequest[] = [];
  if (old.replicas !== next.replicas)
    requests.push({ workload: next, role: null, from: old.replicas, to: next.replicas });
  for (const role of next.roles) {
    const before = old.roles.find(({ name }) => name === role.name);
    if (before !== undefined && before.replicas !== role.replicas) {
      requests.push({ workload: next, role: role.name, from: before.replicas, to: role.replicas });
    }
  }
  return requests;
}

/** Requests for the counts that a workload has: read, they show what its controller does with no change at all. */
export function unchangedRequests(workload: Workload): readonly ScaleRequest[] {
  const { replicas, roles } = workload;
  return [
    { workload, role: null, from: replicas, to: replicas },
    ...roles.map(({ name, replicas: count }) => ({ workload, role: name, from: count, to: count })),
  ];
}
