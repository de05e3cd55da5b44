import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { type Role, type Workload, workloadName } from '../../domain/fleet/workload.ts';
import { NOTHING_ASKED } from '../../domain/ordering/facts.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { NOTHING_READ, type Reading, unforeseen, type WorkloadAdapter } from '../adapter.ts';
import { statefulSetAdapter } from '../apps/stateful-set.ts';
import { readIdentity } from '../core/identity.ts';
import { objectAt } from '../core/json.ts';
import { scalersOf } from '../scalers.ts';
import { GROUP } from './api.ts';
import { scaleInstances } from './instances.ts';
import { roleInstanceSet } from './role-instance-set.ts';
import { NO_ORDER, readRoles, templateOf } from './roles.ts';

/** A workload's name is cut to this, and of what then ends it dashes are cut as well. */
const NAME_LENGTH = 63;

/** RBG's RoleBasedGroup: one group of roles. It deletes nothing itself: a RoleInstanceSet carries out each role. */
export const roleBasedGroup: WorkloadAdapter = {
  kind: 'RoleBasedGroup',
  group: GROUP,
  versions: ['v1alpha1', 'v1alpha2'],
  resource: 'rolebasedgroups',
  scalable: false,
  isOneGroup: true,
  steeredBy: 'costs per RoleInstance, when the RoleInstanceSet of the role is resized',
  readsPodCosts: false,

  read: (object) => ({
    ...readIdentity(roleBasedGroup, object),
    replicas: 1,
    roles: readRoles(objectAt(object, 'spec')),
    roleOrder: NO_ORDER,
  }),

  template: (object) => templateOf(objectAt(object, 'spec')),
  scale: (request, snapshot, now) => scaleRoleOf(request.workload, request, snapshot, now),
  /**
   * Its roles' numbers, of the workloads that carry them out. Nobody can tell what it asks of a StatefulSet, to which
   * its controller adds what a rollout may, nor for a moment once an adapter is scaled: that may be carried out before
   * it stands in the group.
   */
  asks(owned, owner, snapshot) {
    const role = roleCarriedOutBy(owned, owner);
    if (role === undefined) return NOTHING_ASKED;
    if (owned.kind === statefulSetAdapter.kind && role.surges === true) return null;
    const scaler = scalersOf(owner, snapshot).get(role.name);
    const isOnItsWay = scaler !== undefined && scaler.replicas !== role.replicas;
    return isOnItsWay ? null : { replicas: role.replicas, roles: new Map() };
  },

  scalerOf(owned, owner, snapshot) {
    const role = roleCarriedOutBy(owned, owner);
    return role === undefined ? undefined : scalersOf(owner, snapshot).get(role.name);
  },

  copiesScalers: true,
  defers: () => 'its instances are chosen when its RoleInstanceSet is resized',
  unitsOf: ({ name }) => [name],
};

/** What happens to one role of a group on a request of the group, its set or its scaling adapter. */
export function scaleRoleOf(
  group: Pick<Workload, 'uid' | 'name'>,
  request: ScaleRequest,
  snapshot: Snapshot,
  now: number,
  role: string | null = request.role,
): Reading {
  if (role === null) return NOTHING_READ;
  const name = carrierName(group.name, role);
  const carrier = snapshot.workloadsOf(group.uid).find((owned) => owned.name === name && owned.target === undefined);
  if (carrier === undefined) return NOTHING_READ;
  if (carrier.kind !== roleInstanceSet.kind) {
    return unforeseen(`role ${role} of ${group.name} is carried out by ${workloadName(carrier)}: its own order holds`);
  }
  return scaleInstances(carrier, request, snapshot, now, { group: group.name, role });
}

function roleCarriedOutBy(carrier: Workload, group: Workload): Role | undefined {
  return group.roles.find(({ name }) => carrierName(group.name, name) === carrier.name);
}

/** What the workload that carries out a role is called. */
function carrierName(group: string, role: string): string {
  const name = `${group}-${role}`;
  return name.length <= NAME_LENGTH ? name : name.slice(0, NAME_LENGTH).replace(/-+$/, '');
}
