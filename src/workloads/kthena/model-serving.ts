import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import { type Role, resolvePartition, type Workload } from '../../domain/fleet/workload.ts';
import { kthenaGroups, kthenaRoles } from '../../domain/victims/kthena.ts';
import type { Pool, ScaleRequest } from '../../domain/victims/pool.ts';
import { vacancies } from '../../domain/victims/vacancies.ts';
import { NOTHING_READ, type Reading, type WorkloadAdapter } from '../adapter.ts';
import { readIdentity } from '../core/identity.ts';
import { readIntOrPercent } from '../core/int-or-percent.ts';
import { countOr, type JsonObject, listAt, objectAt, textOf } from '../core/json.ts';
import { rolesAt } from '../core/roles.ts';
import { poolOf } from '../pool-of.ts';
import { groupCandidates, groupsOf, heldAt, revisionsBy, roleCandidate, type ServingGroup } from './groups.ts';
import { GROUP_NAME, NAME, ROLE, ROLE_ID } from './labels.ts';

const GROUP = 'workload.serving.volcano.sh';

/** Kthena's ModelServing: groups of roles, whose controller sums costs over a group or a role replica. */
export const modelServing: WorkloadAdapter = {
  kind: 'ModelServing',
  group: GROUP,
  versions: ['v1alpha1'],
  resource: 'modelservings',
  scalable: true,
  steeredBy: 'costs summed over a group or a role replica',
  readsPodCosts: true,
  read: readModelServing,

  /** What Kthena's revision is a hash of: a role's counts, and how it rolls, are left out of it, and so is all else. */
  template(object) {
    const roles = listAt(object, 'spec', 'template', 'roles');
    return roles.map(({ replicas: _replicas, partition: _partition, maxUnavailable: _atOnce, ...role }) => role);
  },

  scale(request, snapshot, now) {
    const groups = groupsOf(snapshot.podsOf(request.workload.uid));
    return request.role === null
      ? scaleGroups(request, groups, snapshot, now)
      : scaleRole(request, request.role, groups, snapshot, now);
  },

  unitsOf({ labels }) {
    const group = labels[GROUP_NAME];
    return group === undefined ? [] : [group, `${group}/${labels[ROLE_ID]}`];
  },

  roleOf: ({ labels }) => labels[ROLE] ?? null,

  nameFromLabels: (pod) => pod.labels[NAME] ?? null,

  /** Of several policies the first by name. */
  declaredRatio: (workload, snapshot) => snapshot.ratioPoliciesOf(workload)[0]?.ratio ?? null,

  /** Kthena keeps the current and the next one; but for a rollout back to an older template, the newest is the next. */
  revision: ({ uid }, snapshot) => [...snapshot.revisionsOf(uid)].sort((a, b) => b.created - a.created)[0] ?? null,

  anchorRole: ({ roles }) => roles[0]?.name ?? null,
};

function readModelServing(object: JsonObject): Workload {
  const spec = objectAt(object, 'spec');
  const rollout = objectAt(spec, 'rolloutStrategy');
  const minimums = objectAt(spec, 'template', 'gangPolicy', 'minRoleReplicas');
  return {
    ...readIdentity(modelServing, object),
    replicas: countOr(spec.replicas, 1),
    partition: readIntOrPercent(objectAt(rollout, 'rollingUpdateConfiguration').partition),
    // Every group that Volcano schedules is a PodGroup, with or without a gangPolicy.
    ...(spec.schedulerName === 'volcano' && { startsWhole: true }),
    roles: rolesAt(spec, 'template', 'roles').map((role): Role => {
      const roleName = textOf(role.name) ?? '';
      const minimum = minimums[roleName];
      return {
        name: roleName,
        replicas: countOr(role.replicas, 1),
        workers: countOr(role.workerReplicas, 0),
        gangMinimum: typeof minimum === 'number' ? minimum : null,
        dependencies: [],
        partition: rollout.type === 'RoleRollingUpdate' ? readIntOrPercent(role.partition) : null,
      };
    }),
  };
}

function scaleGroups(request: ScaleRequest, groups: readonly ServingGroup[], snapshot: Snapshot, now: number): Reading {
  const { workload: serving } = request;
  const pool: Pool = {
    ...poolOf(request, kthenaGroups, groupCandidates(groups, serving, snapshot.revisionsOf(serving.uid)), now),
    partition: resolvePartition(serving.partition, request.to),
    partitionBefore: resolvePartition(serving.partition, request.from),
  };
  return {
    pools: [pool],
    created: vacancies(groups, request.to).map((ordinal) => `${serving.name}-${ordinal}`),
    warnings: [],
  };
}

/** One pool a group: every group chooses among its own replicas of the role, but for those held at another revision. */
function scaleRole(
  request: ScaleRequest,
  name: string,
  groups: readonly ServingGroup[],
  snapshot: Snapshot,
  now: number,
): Reading {
  const { workload: serving } = request;
  const role = serving.roles.find((candidate) => candidate.name === name);
  if (role === undefined) {
    const known = serving.roles.map((candidate) => candidate.name).join(', ');
    return { ...NOTHING_READ, warnings: [`${serving.name} has no role ${name}; its roles are ${known}`] };
  }
  // Sums of groups are compared while there are more than wanted; one that is made anew is none too many.
  const groupsGoing = groups.length > serving.replicas;
  const revisionOf = revisionsBy(serving, snapshot.revisionsOf(serving.uid));
  const following = groups.filter((group, position) => heldAt(group, position, serving, revisionOf) === undefined);
  const free = following.filter((group) => !group.pods.every((pod) => pod.deleting));
  const pools = free.map((group): Pool => {
    const replicas = group.replicas.filter((replica) => replica.role === name);
    const candidates = replicas.map((replica) => roleCandidate(replica, group, role, serving, revisionOf));
    return {
      ...poolOf(request, kthenaRoles, candidates, now),
      partition: resolvePartition(role.partition, request.to),
      partitionBefore: resolvePartition(role.partition, request.from),
      frozen: groupsGoing,
    };
  });
  const created = pools.flatMap(({ candidates }, index) =>
    vacancies(candidates, request.to).map((ordinal) => `${free[index]?.name}-${name}-${ordinal}`),
  );
  const warnings: string[] = [];
  const held = groups.length - following.length;
  if (held > 0) {
    warnings.push(
      `the first ${held} groups of ${serving.name} are protected by its partition: they keep their replicas of role ${name}`,
    );
  }
  if (groupsGoing && request.to < request.from) {
    warnings.push(
      `${serving.name} is still losing groups: a smaller role ${name} lowers the costs of those that stay, and another may go as well`,
    );
  }
  return { pools, created, warnings };
}
