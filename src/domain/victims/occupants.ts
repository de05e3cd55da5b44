import type { Node } from '../fleet/node.ts';
import { type Pod, staysOnFreeNode } from '../fleet/pod.ts';
import type { Snapshot } from '../fleet/snapshot.ts';
import type { Shared } from '../planner/problem.ts';
import type { Candidate } from './pool.ts';
import { Bystanders, type Prospect } from './prospect.ts';

/** Who keeps a node busy, whatever is chosen. */
export interface Occupants {
  block(pod: Pod): boolean;
  /** Of those, whether it is of a pool that is decided on: it will not leave later. */
  stay(pod: Pod): boolean;
}

/**
 * `members` are of the pools that are decided on, and `leaving` those of them that go, or may. `isPending` tells the pods
 * that another scale-down takes.
 */
export function occupantsOf(
  members: readonly Candidate[],
  leaving: readonly Candidate[],
  isPending: (pod: Pod) => boolean,
): Occupants {
  const may = uidsOf(leaving);
  // Most often nobody asks.
  let own: ReadonlySet<string> | undefined;
  const isOwn = ({ uid }: Pod) => {
    own ??= uidsOf(members);
    return own.has(uid);
  };
  return {
    block(pod) {
      if (staysOnFreeNode(pod) || pod.deleting || may.has(pod.uid)) return false;
      // A victim of another scale-down that was admitted is as good as gone; one of these pools that was not chosen
      // stays.
      return !isPending(pod) || isOwn(pod);
    },
    stay: isOwn,
  };
}

/** Not the pods themselves: the snapshot may have newer ones than the pools, with other costs. */
function uidsOf(candidates: readonly Candidate[]): ReadonlySet<string> {
  const uids = new Set<string>();
  for (const { pods } of candidates) for (const { uid } of pods) uids.add(uid);
  return uids;
}

/** What nodes are worth once they are free, by their numbers, and who else has to leave them. */
export interface NodeWorths {
  readonly values: readonly number[];
  /** Nodes that somebody else keeps busy, who stays as far as is known. */
  readonly shared: ReadonlyMap<number, Shared>;
  /** Who leaves the other nodes later. */
  readonly bystanders: Bystanders;
}

/** `nodes` are numbered by their places; without a `prospect`, none of the others leaves later. */
export function nodeWorths(
  nodes: readonly string[],
  snapshot: Snapshot,
  occupants: Occupants,
  prospect: Prospect | undefined,
  worthOf: (node: Node) => number,
): NodeWorths {
  const bystanders = new Bystanders();
  const values: number[] = [];
  const shared = new Map<number, Shared>();
  for (const [number, name] of nodes.entries()) {
    const node = snapshot.node(name);
    const busy = snapshot.podsOnNode(name).filter((pod) => occupants.block(pod));
    const later = busy.flatMap((pod) => (occupants.stay(pod) ? [] : (prospect?.leavesWith(pod) ?? [])));
    const isFreeable = node !== undefined && later.length === busy.length;
    const value = node === undefined ? 0 : worthOf(node);
    if (isFreeable) bystanders.add(number, later);
    else shared.set(number, { value, others: busy.length });
    values.push(isFreeable ? value : 0);
  }
  return { values, shared, bystanders };
}
