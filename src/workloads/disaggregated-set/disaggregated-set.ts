import type { Role, Workload } from '../../domain/fleet/workload.ts';
import type { WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { countOr, type JsonObject, listAt, objectAt, textOf } from '../core/json.ts';
import { rolesAt } from '../core/roles.ts';
import { scalersOf } from '../scalers.ts';
import { ROLE, SET_NAME, scaleRole, scaleSlices, sliceNameOf, sliceOf } from './slices.ts';

/** DisaggregatedSet: slices that hold one LeaderWorkerSet a role each. */
export const disaggregatedSet: WorkloadAdapter = {
  kind: 'DisaggregatedSet',
  group: 'disaggregatedset.x-k8s.io',
  versions: ['v1'],
  resource: 'disaggregatedsets',
  scalable: false,
  steeredBy: 'nothing: the highest slice goes, and the highest group index of a role',
  readsPodCosts: false,
  read: readDisaggregatedSet,

  /** What its revision is a hash of. */
  template: (object) =>
    listAt(object, 'spec', 'roles').map((role) => [role.name, objectAt(role, 'spec').leaderWorkerTemplate]),

  scale(request, snapshot, now) {
    const { workload, role } = request;
    return role === null ? scaleSlices(request, snapshot, now) : scaleRole(workload, role, request, snapshot, now);
  },

  /**
   * What a role counts, of its LeaderWorkerSet in a slice; while two revisions of it share the count nobody can tell.
   */
  asks(owned, owner, snapshot) {
    const role = owned.labels[ROLE];
    const place = ({ labels }: Workload) => `${labels[ROLE]}/${sliceOf(labels)}`;
    const siblings = snapshot.workloadsOf(owner.uid).filter(({ uid }) => uid !== owned.uid);
    if (siblings.some((other) => other.target === undefined && place(other) === place(owned))) return null;
    // A role that it counts itself again may have a scaler for a moment still.
    const own = owner.roles.find(({ name }) => name === role);
    const replicas = (own ?? scalersOf(owner, snapshot).get(role ?? ''))?.replicas;
    return replicas === undefined ? null : { replicas, roles: new Map() };
  },

  scalerOf: ({ labels }, owner, snapshot) => scalersOf(owner, snapshot).get(labels[ROLE] ?? ''),

  unitsOf: (pod) => [sliceNameOf(pod), `${sliceNameOf(pod)}/${pod.labels[ROLE]}`],
  nameFromLabels: ({ labels }) => labels[SET_NAME] ?? null,
};

function readDisaggregatedSet(object: JsonObject): Workload {
  const roles = rolesAt(object, 'spec', 'roles');
  return {
    ...readIdentity(disaggregatedSet, object),
    replicas: countOr(objectAt(object, 'spec').slices, 1),
    roles: roles.flatMap(readRole),
    // Its revision is a hash of all roles in the order of the object, whoever counts them.
    roleOrder: roles.map(({ name }) => textOf(name) ?? ''),
  };
}

/** A role that is scaled from outside has its count in its DisaggregatedSetRoleScaler; what stands here is ignored. */
function readRole(role: JsonObject): readonly Role[] {
  if (objectAt(role, 'scaling').mode === 'External') return [];
  const spec = objectAt(role, 'spec');
  const size = countOr(objectAt(spec, 'leaderWorkerTemplate').size, 1);
  return [
    {
      name: textOf(role.name) ?? '',
      replicas: countOr(spec.replicas, 1),
      workers: size - 1,
      gangMinimum: null,
      partition: null,
      dependencies: [],
      hasScaler: false,
    },
  ];
}
