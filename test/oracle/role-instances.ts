/**
 * Which RoleInstances RBG's stateless RoleInstanceSet deletes: an independent model for tests, checked against rbg 993491f
 * (scale.go and ActiveInstancesAvailableRank). It imports nothing from src, on purpose.
 */
import { replicaSetCost } from './replicaset.ts';

/** One RoleInstance of one revision. Times are milliseconds since the epoch; `told`: its controller was told to delete it. */
export interface OracleInstance {
  name: string;
  components: number;
  ready: boolean;
  readySince: number | undefined;
  created: number;
  cost: string | undefined;
  deleting: boolean;
  told: boolean;
}

/** The names of those that go, at once or by the next look, until `wanted` are left: all that it was told of, then by rank. */
export function roleInstanceVictims(
  instances: readonly OracleInstance[],
  wanted: number,
  { now, minReadySeconds }: { now: number; minReadySeconds: number },
): string[] {
  const live = instances.filter(({ deleting }) => !deleting);
  const told = live.filter((instance) => instance.told);
  const isAvailable = ({ ready, readySince }: OracleInstance) =>
    ready && (minReadySeconds === 0 || (readySince !== undefined && now - readySince >= minReadySeconds * 1000));
  const order = live
    .filter((instance) => !instance.told)
    .sort(
      (a, b) =>
        a.components - b.components ||
        Number(a.ready) - Number(b.ready) ||
        Number(isAvailable(a)) - Number(isAvailable(b)) ||
        replicaSetCost(a.cost) - replicaSetCost(b.cost) ||
        b.created - a.created,
    );
  return [...told, ...order.slice(0, Math.max(0, order.length - wanted))].map(({ name }) => name);
}
