/**
 * Which RoleInstances RBG's stateless RoleInstanceSet deletes: an independent model for tests, checked against rbg
 * 993491f (scale.go, helper.go and ActiveInstancesAvailableRank). It imports nothing from src, on purpose.
 */
import { replicaSetCost } from './replicaset.ts';

/**
 * One RoleInstance, `updated` where it is of the set's newest revision; `told`: its controller was told to delete it.
 * Times are milliseconds since the epoch.
 */
export interface OracleInstance {
  name: string;
  components: number;
  ready: boolean;
  readySince: number | undefined;
  created: number;
  cost: string | undefined;
  deleting: boolean;
  told: boolean;
  updated: boolean;
}

/** How many are held at an older revision, `partition` as in the spec. */
export function heldBack(partition: number | string | undefined, replicas: number): number {
  if (partition === undefined) return 0;
  if (typeof partition === 'number') return Math.max(Math.min(partition, replicas), 0);
  const scaled = Math.ceil((Number.parseInt(partition, 10) * replicas) / 100);
  return replicas >= 1 && scaled === replicas && partition !== '100%' ? replicas - 1 : Math.min(scaled, replicas);
}

/**
 * The names of those that go, at once or by the next look, until `wanted` are left: all that it was told of, then by
 * rank.
 */
export function roleInstanceVictims(
  instances: readonly OracleInstance[],
  wanted: number,
  { now, minReadySeconds, partition }: { now: number; minReadySeconds: number; partition: number | string | undefined },
): string[] {
  const live = instances.filter(({ deleting }) => !deleting);
  const told = live.filter((instance) => instance.told);
  const isAvailable = ({ ready, readySince }: OracleInstance) =>
    ready && (minReadySeconds === 0 || (readySince !== undefined && now - readySince >= minReadySeconds * 1000));
  const rest = live.filter((instance) => !instance.told);
  const total = Math.max(0, rest.length - wanted);
  const choose = (from: OracleInstance[], count: number) => from.sort(byRank).slice(0, count);
  const byRank = (a: OracleInstance, b: OracleInstance) =>
    a.components - b.components ||
    Number(a.ready) - Number(b.ready) ||
    Number(isAvailable(a)) - Number(isAvailable(b)) ||
    replicaSetCost(a.cost) - replicaSetCost(b.cost) ||
    b.created - a.created;
  const notUpdated = rest.filter(({ updated }) => !updated);
  const ofOld = Math.max(0, notUpdated.length - heldBack(partition, wanted));
  const updated = rest.filter((instance) => instance.updated);
  const chosen =
    ofOld >= total ? choose(notUpdated, total) : [...choose(notUpdated, ofOld), ...choose(updated, total - ofOld)];
  return [...told, ...chosen].map(({ name }) => name);
}
