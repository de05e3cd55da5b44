import { NOTHING_READ, type WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOr, objectAt, textOf } from '../core/json.ts';
import { readOwners } from '../core/metadata.ts';
import { GROUP } from './api.ts';
import { roleBasedGroup, scaleRoleOf } from './role-based-group.ts';

/** RBG's scaling adapter: the /scale of one role of a RoleBasedGroup, which the RBG controller carries out. */
export const roleBasedGroupScalingAdapter: WorkloadAdapter = {
  kind: 'RoleBasedGroupScalingAdapter',
  group: GROUP,
  versions: ['v1alpha1', 'v1alpha2'],
  resource: 'rolebasedgroupscalingadapters',
  scalable: true,
  steeredBy: 'costs per RoleInstance, when the RoleInstanceSet of its role is resized',
  readsPodCosts: false,

  read(object) {
    const identity = readIdentity(roleBasedGroupScalingAdapter, object);
    const { namespace } = identity;
    const { replicas } = objectAt(object, 'spec');
    const reference = objectAt(object, 'spec', 'scaleTargetRef');
    const name = textOf(reference.name);
    const role = textOf(reference.role);
    // RBG names the group as an owner, and no owner as the controller.
    const group = readOwners(object).find((owner) => owner.kind === roleBasedGroup.kind && owner.name === name);
    return {
      ...identity,
      owner: identity.owner ?? group ?? null,
      replicas: countOr(replicas, 0),
      // RBG creates it without a count, and gives it that of its role.
      isUncounted: (replicas ?? null) === null,
      ...(name !== null &&
        role !== null && { target: { group: GROUP, kind: roleBasedGroup.kind, namespace, name, role } }),
    };
  },

  template: () => null,

  scale(request, snapshot, now) {
    const { target } = request.workload;
    const group = target === undefined ? undefined : snapshot.workload(target);
    if (target === undefined || group === undefined) return NOTHING_READ;
    return scaleRoleOf(group, request, snapshot, now, target.role);
  },

  defers: () => 'its instances are chosen when the RoleInstanceSet of its role is resized',
  unitsOf: ({ name }) => [name],
};
