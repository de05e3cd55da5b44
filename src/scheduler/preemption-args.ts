import { isObject, type JsonObject, listAt, objectAt, textOf } from '../workloads/core/json.ts';
import { refusalsOf } from './invalid-body.ts';
import { MOST_NODES } from './node-names.ts';

const { invalid, read } = refusalsOf('InvalidPreemptionArgs', 'ExtenderPreemptionArgs', 'kube-scheduler');

/** A node that preemption may choose, and the pods that it would evict there. */
export interface PreemptionCandidate {
  readonly node: string;
  readonly victims: readonly string[];
  /** How many PodDisruptionBudgets that would violate. */
  readonly pdbViolations: number;
}

/**
 * Reads kube-scheduler's ExtenderPreemptionArgs: with nodeCacheCapable victims are told by their uids, without as whole
 * pods. Throws CodedError `InvalidPreemptionArgs`.
 */
export function readPreemptionArgs(body: unknown): readonly PreemptionCandidate[] {
  const { NodeNameToVictims: whole, NodeNameToMetaVictims: meta } = isObject(body) ? body : {};
  if (isObject(meta)) return entriesOf(meta).map(([node, victims]) => candidate(node, victims, ({ UID }) => UID));
  if (!isObject(whole)) throw invalid('both NodeNameToVictims and NodeNameToMetaVictims are missing');
  return entriesOf(whole).map(([node, victims]) => candidate(node, victims, uidOfPod));
}

function entriesOf(victims: JsonObject): readonly [string, unknown][] {
  const nodes = Object.keys(victims).length;
  if (nodes > MOST_NODES) throw invalid(`there are victims on over ${MOST_NODES} nodes`);
  return Object.entries(victims);
}

function uidOfPod(pod: JsonObject): unknown {
  return objectAt(pod, 'metadata').uid;
}

function candidate(node: string, given: unknown, uidOf: (victim: JsonObject) => unknown): PreemptionCandidate {
  return read(`the victims on ${node}`, () => {
    if (!isObject(given)) throw invalid(`the victims on ${node} are no object`);
    const victims = listAt(given, 'Pods').map((victim) => {
      const uid = textOf(uidOf(victim)) ?? '';
      if (uid === '') throw invalid(`a victim on ${node} has no uid`);
      return uid;
    });
    const violations = given.NumPDBViolations;
    return { node, victims, pdbViolations: Number.isSafeInteger(violations) ? Number(violations) : 0 };
  });
}
