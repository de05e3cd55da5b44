import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { addResources, type Resources } from '../domain/resources/resource-list.ts';
import type { Pool } from '../domain/victims/pool.ts';

/** Pods of one gang that request the same. */
interface Alike {
  readonly requests: Resources;
  readonly count: bigint;
}

/** A workload that starts group by group, whole or not at all. */
export function isGang({ roles, gangMinimum }: Workload): boolean {
  return gangMinimum !== null || roles.some((role) => role.gangMinimum !== null);
}

/**
 * How many more gangs of a workload fit at the very most: what is free of each resource in all, and what is free on each
 * node for each kind of pod, allow no more. Nothing that narrows it further is looked at, such as selectors and taints.
 * Null for a workload that is no gang, and when there is no pod to tell a role's requests by.
 */
export function gangRoom(workload: Workload, pools: readonly Pool[], snapshot: Snapshot): number | null {
  const gang = isGang(workload) ? gangOf(workload, pools) : null;
  if (gang === null || gang.length === 0) return null;
  const whole = addResources(...gang.map(({ requests, count }) => multiplied(requests, count)));
  const free = freeOf([...whole.keys()], snapshot);
  const podByPod = gang.map(
    ({ requests, count }) => free.reduce((sum, node) => sum + timesIn(requests, node), 0n) / count,
  );
  return Number(least([timesIn(whole, addResources(...free)), ...podByPod]));
}

/** What is free of some resources, node by node. */
function freeOf(names: readonly string[], snapshot: Snapshot): readonly Resources[] {
  const open = [...snapshot.nodes()].filter(({ unschedulable }) => !unschedulable);
  return open.map(({ name: node, allocatable }) => {
    const used = snapshot.usedOn(node);
    const left = names.map((name): [string, bigint] => [name, (allocatable.get(name) ?? 0n) - (used.get(name) ?? 0n)]);
    return new Map(left.filter(([, quantity]) => quantity > 0n));
  });
}

/** Of each role its minimum, or all of its replicas where it has none. */
function gangOf({ roles }: Workload, pools: readonly Pool[]): readonly Alike[] | null {
  const parts =
    roles.length === 0
      ? [{ role: null, count: 1 }]
      : roles.map((role) => ({ role: role.name, count: role.gangMinimum ?? role.replicas }));
  const gang = new Map<string, Alike>();
  for (const { role, count } of parts.filter((part) => part.count !== 0)) {
    const pods = largestOf(role, pools);
    if (pods === null || !Number.isSafeInteger(count) || count < 0) return null;
    for (const requests of pods) {
      const key = [...requests].map(([resource, quantity]) => `${resource}=${quantity}`).join();
      gang.set(key, { requests, count: (gang.get(key)?.count ?? 0n) + BigInt(count) });
    }
  }
  return [...gang.values()];
}

/** The requests of the pods of the most complete replica there is. */
function largestOf(role: string | null, pools: readonly Pool[]): readonly Resources[] | null {
  const candidates = pools.filter(({ request }) => request.role === role).flatMap((pool) => pool.candidates);
  const [first, ...others] = candidates.map(({ pods }) => pods);
  if (first === undefined) return null;
  const largest = others.reduce((most, pods) => (pods.length > most.length ? pods : most), first);
  return largest.map(({ requests }) => requests);
}

/** How often `part` goes into `whole`; without end when it asks for nothing. */
function timesIn(part: Resources, whole: Resources): bigint {
  const wanted = [...part].filter(([, quantity]) => quantity > 0n);
  return least(wanted.map(([resource, quantity]) => (whole.get(resource) ?? 0n) / quantity));
}

function least(counts: readonly bigint[]): bigint {
  return counts.reduce((one, other) => (other < one ? other : one), BigInt(Number.MAX_SAFE_INTEGER));
}

function multiplied(resources: Resources, times: bigint): Resources {
  return new Map([...resources].map(([resource, quantity]) => [resource, quantity * times]));
}
