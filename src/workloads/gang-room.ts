import type { Node } from '../domain/fleet/node.ts';
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
export function isGang({ roles, gangMinimum, startsWhole = false }: Workload): boolean {
  return startsWhole || gangMinimum !== null || roles.some((role) => role.gangMinimum !== null);
}

/**
 * How many of the `wanted` gangs by which a workload grows fit at the very most: what is free of each resource in all,
 * and what is free on each node for each kind of pod, allow no more. Nothing that narrows it further is looked at, such
 * as selectors and taints. Null for a workload that is no gang, and when there is no pod to tell a role's requests by.
 */
export function gangRoom(
  workload: Workload,
  wanted: number,
  pools: readonly Pool[],
  snapshot: Snapshot,
): number | null {
  const gang = isGang(workload) ? gangOf(workload, pools) : null;
  if (gang === null || gang.length === 0) return null;
  const whole = addResources(...gang.map(({ requests, count }) => multiplied(requests, count)));
  const most = BigInt(Math.ceil(Math.min(wanted, Number.MAX_SAFE_INTEGER)));
  const kinds = gang.map(({ requests, count }) => ({ requests, count, fitting: 0n }));
  const free = new Map<string, bigint>();
  let room = 0n;
  for (const node of snapshot.nodes()) {
    if (node.unschedulable) continue;
    const left = leftOn(node, whole, snapshot);
    for (const [resource, quantity] of left) free.set(resource, (free.get(resource) ?? 0n) + quantity);
    for (const kind of kinds) kind.fitting += timesIn(kind.requests, left);
    room = least([most, timesIn(whole, free), ...kinds.map(({ fitting, count }) => fitting / count)]);
    // In most fleets the first few nodes have room for all, and there are thousands.
    if (room === most) break;
  }
  return Number(room);
}

/** What is free on a node of the resources that somebody needs. */
function leftOn({ name, allocatable }: Node, needed: Resources, snapshot: Snapshot): Resources {
  const used = snapshot.usedOn(name);
  const left = new Map<string, bigint>();
  for (const resource of needed.keys()) {
    const quantity = (allocatable.get(resource) ?? 0n) - (used.get(resource) ?? 0n);
    if (quantity > 0n) left.set(resource, quantity);
  }
  return left;
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

const ENDLESS = BigInt(Number.MAX_SAFE_INTEGER);

/** How often `part` goes into `whole`; without end when it asks for nothing. */
function timesIn(part: Resources, whole: Resources): bigint {
  let times = ENDLESS;
  for (const [resource, quantity] of part) {
    const fitting = quantity > 0n ? (whole.get(resource) ?? 0n) / quantity : times;
    if (fitting < times) times = fitting;
  }
  return times;
}

function least(counts: readonly bigint[]): bigint {
  return counts.reduce((one, other) => (other < one ? other : one), ENDLESS);
}

function multiplied(resources: Resources, times: bigint): Resources {
  return new Map([...resources].map(([resource, quantity]) => [resource, quantity * times]));
}
