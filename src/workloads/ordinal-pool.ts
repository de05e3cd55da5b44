import type { Pod } from '../domain/fleet/pod.ts';
import { highestOrdinal } from '../domain/victims/highest-ordinal.ts';
import type { Candidate, Pool, ScaleRequest } from '../domain/victims/pool.ts';
import { poolOf } from './pool-of.ts';

/** One thing that a controller numbers and deletes as a whole. */
export interface Unit {
  readonly name: string;
  readonly ordinal: number;
  readonly pods: readonly Pod[];
  /** All of its pods are there and ready. */
  readonly ready: boolean;
  /** Where it belongs: its group's name, and at role level the role and the replica's id. */
  readonly group?: string | null;
  readonly role?: string;
  readonly replica?: string;
}

/** What its controller deletes by the highest ordinal, which no cost can change. */
export function ordinalPool(request: ScaleRequest, units: readonly Unit[], now: number, firstOrdinal = 0): Pool {
  const candidates = units.map(candidateOf).sort((a, b) => a.ordinal - b.ordinal);
  return { ...poolOf(request, highestOrdinal, candidates, now), firstOrdinal };
}

/** A unit as a candidate that no cost can keep. */
export function candidateOf({ name, ordinal, pods, ready, group = name, role, replica }: Unit): Candidate {
  return {
    name,
    group,
    role: role ?? null,
    replica: replica ?? null,
    ordinal,
    ready,
    deleting: pods.length > 0 && pods.every((pod) => pod.deleting),
    anchor: false,
    pods,
    entryPods: [],
  };
}

/** Whether so many pods are there, ready, and none of them on its way out. */
export function areReady(pods: readonly Pod[], count: number): boolean {
  return pods.length >= count && pods.every((pod) => pod.ready && !pod.deleting);
}
