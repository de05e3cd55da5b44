import type { Role } from '../../domain/fleet/workload.ts';
import { maySurge, readIntOrPercent } from '../core/int-or-percent.ts';
import { countOr, type JsonObject, listAt, objectAt, textOf } from '../core/json.ts';
import { dependenciesOf, rolesAt } from '../core/roles.ts';

/** Roles are a map by their names, and each is hashed by itself: none has a place. */
export const NO_ORDER: readonly string[] = [];

/** The roles of a RoleBasedGroupSpec, in v1alpha2 or v1alpha1. */
export function readRoles(spec: JsonObject): readonly Role[] {
  return rolesAt(spec, 'roles').map((role) => {
    const { partition, maxSurge } = objectAt(role, 'rolloutStrategy', 'rollingUpdate');
    return {
      name: textOf(role.name) ?? '',
      replicas: countOr(role.replicas, 1),
      workers: podsOf(role) - 1,
      gangMinimum: null,
      partition: readIntOrPercent(partition),
      dependencies: dependenciesOf(role),
      ...(maySurge(maxSurge) && { surges: true }),
      ...(objectAt(role, 'scalingAdapter').enable === true && { hasScaler: true }),
    };
  });
}

/**
 * What of a role counts, orders and scales its pods, or tells how to roll them, and leaves those that there are as they
 * are.
 */
const BESIDE_PODS = [
  'replicas',
  'dependencies',
  'scalingAdapter',
  'rolloutStrategy',
  'minReadySeconds',
  'podManagementPolicy',
];

/** What of a RoleBasedGroupSpec replaces pods when it changes. */
export function templateOf(spec: JsonObject): JsonObject {
  return { ...spec, roles: listAt(spec, 'roles').map((role) => without(role, BESIDE_PODS)) };
}

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Pods of one replica: a leader and its workers, the components that it is made of, or one alone. */
function podsOf(role: JsonObject): number {
  const size = objectAt(role, 'leaderWorkerPattern').size ?? objectAt(role, 'leaderWorkerSet').size;
  if (size !== undefined) return countOr(size, 1);
  const components = [...listAt(role, 'customComponentsPattern', 'components'), ...listAt(role, 'components')];
  return components.length === 0 ? 1 : components.reduce((sum, component) => sum + countOr(component.size, 1), 0);
}
