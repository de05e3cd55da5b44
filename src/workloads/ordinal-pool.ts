import type { Pod } from '../domain/fleet/pod.ts';
import { highestOrdinal } from '../domain/victims/highest-ordinal.ts';
import type { Candidate, ScaleRequest } from '../domain/victims/pool.ts';
import { missingOrdinals } from '../domain/victims/vacancies.ts';
import type { Reading } from './adapter.ts';
import { poolOf } from './pool-of.ts';

/** One thing that a controller deletes as a whole. */
export interface Unit {
  readonly name: string;
  readonly ordinal: number;
  readonly pods: readonly Pod[];
  /** All of its pods are there and ready. */
  readonly ready: boolean;
  /** Where it belongs, if it is no group itself: see Candidate. */
  readonly group?: string | null;
  readonly role?: string;
}

/**
 * What a controller that counts in ordinals does on a request: the highest of these units go, which no cost can change,
 * and the lowest missing ones are created, each called `<prefix>-<ordinal>`.
 */
export function scaleOrdinals(
  request: ScaleRequest,
  units: readonly Unit[],
  now: number,
  prefix = request.workload.name,
): Reading {
  const ordinals = units.map(({ ordinal }) => ordinal);
  const missing = missingOrdinals(ordinals, request.to, request.workload.firstOrdinal);
  return {
    pools: [poolOf(request, highestOrdinal, units.map(candidateOf), now)],
    created: missing.map((ordinal) => `${prefix}-${ordinal}`),
    warnings: [],
  };
}

/** A unit as a candidate, with nothing that only some kinds know of theirs. */
export function candidateOf({ name, ordinal, pods, ready, group = name, role }: Unit): Candidate {
  return {
    name,
    group,
    role: role ?? null,
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
