/**
 * Which pods the ReplicaSet controller deletes: an independent model for tests, checked against Kubernetes'
 * ActivePodsWithRanks (LogarithmicScaleDown and PodDeletionCost on, their default). It imports nothing from src, on
 * purpose.
 *
 * Two ready pods whose ready times differ but share a log2 bucket are told apart by UID: restarts and age only count
 * when the ready times are equal. Three such pods can rank in a circle; pods equal in every rule keep the order given.
 * In both cases the real order is an accident of Go's sort, so no expectation should rest on it.
 */

/**
 * One pod. Times are milliseconds since the epoch; restarts are the most of any one container, and of any one sidecar.
 */
export interface OracleReplica {
  name: string;
  uid: string;
  node: string | undefined;
  phase: 'Pending' | 'Unknown' | 'Running' | 'Succeeded' | 'Failed';
  ready: boolean;
  readySince: number | undefined;
  created: number;
  restarts: number;
  sidecarRestarts?: number;
  cost: string | undefined;
  deleting: boolean;
}

/**
 * `siblings`: the pods of the other ReplicaSets of the same Deployment.
 * `standalone`: no Deployment owns the ReplicaSet, and then no pod is related to another, not even its own.
 */
export interface ReplicaSetOptions {
  now: number;
  siblings?: readonly OracleReplica[];
  standalone?: boolean;
}

const PHASES = ['Pending', 'Unknown', 'Running'];

/** One pod's cost as Kubernetes reads it: `-`, `1`–`9` or exactly `0` first, then an int32; anything else counts 0. */
export function replicaSetCost(raw: string | undefined): number {
  if (raw === undefined || !/^(-[0-9]+|[1-9][0-9]*|0)$/.test(raw)) return 0;
  const value = Number(raw);
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : 0;
}

/** The names of the `count` pods deleted first. Finished and terminating pods are neither deleted nor counted. */
export function replicaSetVictims(pods: readonly OracleReplica[], count: number, options: ReplicaSetOptions): string[] {
  const active = pods.filter(isActive);
  const related = options.standalone === true ? [] : [...active, ...(options.siblings ?? []).filter(isActive)];
  const crowd = new Map<string | undefined, number>();
  for (const { node } of related) crowd.set(node, (crowd.get(node) ?? 0) + 1);

  const order = active.sort(
    (a, b) =>
      Number(a.node !== undefined) - Number(b.node !== undefined) ||
      PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) ||
      Number(a.ready) - Number(b.ready) ||
      replicaSetCost(a.cost) - replicaSetCost(b.cost) ||
      (crowd.get(b.node) ?? 0) - (crowd.get(a.node) ?? 0) ||
      (a.ready && b.ready ? laterFirst(a.readySince, b.readySince, a, b, options.now) : 0) ||
      b.restarts - a.restarts ||
      (b.sidecarRestarts ?? 0) - (a.sidecarRestarts ?? 0) ||
      laterFirst(a.created, b.created, a, b, options.now),
  );
  return order.slice(0, Math.max(0, count)).map((pod) => pod.name);
}

function isActive(pod: OracleReplica): boolean {
  return pod.phase !== 'Succeeded' && pod.phase !== 'Failed' && !pod.deleting;
}

/** Equal times decide nothing; an unknown time goes first; then the smaller log2 bucket of the age, then the UID. */
function laterFirst(
  timeA: number | undefined,
  timeB: number | undefined,
  a: OracleReplica,
  b: OracleReplica,
  now: number,
): number {
  if (timeA === timeB) return 0;
  if (timeA === undefined) return -1;
  if (timeB === undefined) return 1;
  return ageBucket(now - timeA) - ageBucket(now - timeB) || (a.uid < b.uid ? -1 : 1);
}

/** ⌊log2⌋ of an age, counted in nanoseconds; −1 for an age of zero or less. `age` is in whole milliseconds. */
function ageBucket(age: number): number {
  return age > 0 ? (BigInt(age) * 1_000_000n).toString(2).length - 1 : -1;
}
