import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { Workload } from '../../domain/fleet/workload.ts';
import { together, type WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOr, type JsonObject, objectAt } from '../core/json.ts';
import { ordinalAfter } from '../core/ordinals.ts';
import { scaleOrdinals } from '../ordinal-pool.ts';
import { podsUnder } from '../owned-pods.ts';
import { unitOfPods } from '../unit.ts';
import { GROUP } from './api.ts';
import { roleBasedGroup, scaleRoleOf } from './role-based-group.ts';
import { NO_ORDER, readRoles, templateOf } from './roles.ts';

/** RBG's RoleBasedGroupSet: so many RoleBasedGroups of one template, numbered; the highest goes. */
export const roleBasedGroupSet: WorkloadAdapter = {
  kind: 'RoleBasedGroupSet',
  group: GROUP,
  versions: ['v1alpha1', 'v1alpha2'],
  resource: 'rolebasedgroupsets',
  scalable: true,
  steeredBy: 'nothing: the highest group index goes',
  readsPodCosts: false,

  read: (object) => ({
    ...readIdentity(roleBasedGroupSet, object),
    replicas: countOr(objectAt(object, 'spec').replicas, 1),
    roles: readRoles(groupSpec(object)),
    roleOrder: NO_ORDER,
  }),

  template: (object) => templateOf(groupSpec(object)),

  scale(request, snapshot, now) {
    const { workload, role } = request;
    const groups = groupsOf(workload, snapshot);
    if (role !== null) return together(groups.map(({ group }) => scaleRoleOf(group, request, snapshot, now)));
    const units = groups.map(({ group, ordinal }) => unitOfPods(group.name, ordinal, podsUnder(group.uid, snapshot)));
    return scaleOrdinals(request, units, now);
  },

  /** Every group has the roles of the template. */
  asks: (_owned, { roles }) => ({
    replicas: null,
    roles: new Map(roles.map(({ name, replicas }) => [name, replicas])),
  }),
  givesRoles: true,

  defers: (old, next) => (old.replicas === next.replicas ? 'its roles are scaled group by group' : null),
  unitsOf: ({ name }) => [name],
};

/** `groupTemplate.spec` in v1alpha2, `template` in v1alpha1. */
function groupSpec(object: JsonObject): JsonObject {
  const spec = objectAt(object, 'spec');
  return spec.groupTemplate === undefined ? objectAt(spec, 'template') : objectAt(spec, 'groupTemplate', 'spec');
}

function groupsOf({ uid, name }: Workload, snapshot: Snapshot): readonly { group: Workload; ordinal: number }[] {
  return snapshot
    .workloadsOf(uid)
    .filter(({ kind }) => kind === roleBasedGroup.kind)
    .map((group) => ({ group, ordinal: ordinalAfter(name, group.name) }));
}
