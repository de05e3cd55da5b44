import type { Pod } from '../domain/fleet/pod.ts';
import type { Candidate } from '../domain/victims/pool.ts';

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

/** The unit that these pods make up, of `size` or more: ready while all are, and none of them is on its way out. */
export function unitOfPods(name: string, ordinal: number, pods: readonly Pod[], size = 1): Unit {
  const ready = pods.length >= size && pods.every((pod) => pod.ready && !pod.deleting);
  return { name, ordinal, pods, ready };
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
