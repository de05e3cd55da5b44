import type { Workload } from '../../domain/fleet/workload.ts';
import { NOTHING_READ, type WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOr, type JsonObject, objectAt } from '../core/json.ts';
import { disaggregatedSet } from './disaggregated-set.ts';
import { ROLE, scaleRole } from './slices.ts';

/** The /scale of one role that is scaled from outside; its DisaggregatedSet owns it and carries its count out. */
export const disaggregatedSetRoleScaler: WorkloadAdapter = {
  kind: 'DisaggregatedSetRoleScaler',
  group: disaggregatedSet.group,
  versions: ['v1'],
  resource: 'disaggregatedsetrolescalers',
  scalable: true,
  steeredBy: 'nothing: the highest group index of its role goes, in every slice',
  readsPodCosts: false,
  read: readRoleScaler,
  template: () => null,

  scale(request, snapshot, now) {
    const { owner, target } = request.workload;
    if (owner === null || target === undefined) return NOTHING_READ;
    return scaleRole(owner, target.role, request, snapshot, now);
  },

  unitsOf: ({ name }) => [name],
};

function readRoleScaler(object: JsonObject): Workload {
  const identity = readIdentity(disaggregatedSetRoleScaler, object);
  const { owner, namespace, labels } = identity;
  const role = labels[ROLE];
  return {
    ...identity,
    replicas: countOr(objectAt(object, 'spec').replicas, 0),
    ...(owner !== null &&
      role !== undefined && {
        target: { group: disaggregatedSet.group, kind: disaggregatedSet.kind, namespace, name: owner.name, role },
      }),
  };
}
