import type { Pod } from '../../domain/fleet/pod.ts';
import type { Revision, StoredRole } from '../../domain/fleet/revision.ts';
import { type Role, resolvePartition, type Workload } from '../../domain/fleet/workload.ts';
import { memo } from '../../domain/memo.ts';
import { surplusReplicas } from '../../domain/victims/kthena.ts';
import type { Candidate } from '../../domain/victims/pool.ts';
import { ordinalOf } from '../core/ordinals.ts';
import { ENTRY, GROUP_NAME, REVISION, ROLE, ROLE_ID } from './labels.ts';

/** One replica of a role inside a group: an entry pod and its workers. */
export interface RoleReplica {
  readonly id: string;
  readonly role: string;
  readonly ordinal: number;
  readonly pods: readonly Pod[];
}

export interface ServingGroup {
  readonly name: string;
  readonly ordinal: number;
  readonly pods: readonly Pod[];
  readonly replicas: readonly RoleReplica[];
}

/**
 * The groups that a ModelServing's pods make up, by ordinal, their pods by name; a group exists while any of its pods
 * does. Kept as long as the list of pods: most reviews find a workload as the one before did.
 */
export const groupsOf = memo((pods: readonly Pod[]): readonly ServingGroup[] => {
  const byName = [...pods].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...Map.groupBy(byName, (pod) => pod.labels[GROUP_NAME] ?? '')]
    .filter(([name]) => name !== '')
    .map(([name, members]) => ({ name, ordinal: ordinalIn(name), pods: members, replicas: replicasOf(members) }))
    .sort((a, b) => a.ordinal - b.ordinal);
});

function replicasOf(pods: readonly Pod[]): readonly RoleReplica[] {
  return [...Map.groupBy(pods, (pod) => pod.labels[ROLE_ID] ?? '')]
    .filter(([id]) => id !== '')
    .map(([id, members]) => ({ id, role: members[0]?.labels[ROLE] ?? '', ordinal: ordinalIn(id), pods: members }))
    .sort((a, b) => a.ordinal - b.ordinal);
}

/** `ms-12` → 12; −1 for a name that ends in no ordinal. */
function ordinalIn(name: string): number {
  return ordinalOf(name.slice(name.lastIndexOf('-') + 1));
}

interface KeptCandidates {
  readonly roles: readonly Role[];
  readonly protectedCount: number;
  readonly revisions: readonly Revision[];
  readonly candidates: readonly Candidate[];
}

const knownCandidates = new WeakMap<readonly ServingGroup[], KeptCandidates>();

/**
 * Groups as candidates: the same list as long as the groups, the roles, how many are protected and the revisions are
 * the same.
 *
 * @param revisions those of the workload, by which its groups are judged
 */
export function groupCandidates(
  groups: readonly ServingGroup[],
  serving: Workload,
  revisions: readonly Revision[],
): readonly Candidate[] {
  const { roles } = serving;
  const protectedCount = resolvePartition(serving.partition, serving.replicas);
  const kept = knownCandidates.get(groups);
  if (kept?.roles === roles && kept.protectedCount === protectedCount && kept.revisions === revisions)
    return kept.candidates;
  const revisionOf = revisionsBy(serving, revisions);
  const candidates = groups.map((group, position) =>
    groupCandidate(group, heldAt(group, position, serving, revisionOf), serving, revisionOf),
  );
  knownCandidates.set(groups, { roles, protectedCount, revisions, candidates });
  return candidates;
}

/** The revision that pods of one group or role replica were made of; undefined where it is not stored. */
export type RevisionOf = (pods: readonly Pod[]) => Revision | undefined;

export function revisionsBy({ name }: Workload, revisions: readonly Revision[]): RevisionOf {
  const byName = new Map(revisions.map((revision) => [revision.name, revision]));
  return ([pod]) => byName.get(`${name}-${pod?.labels[REVISION]}`);
}

/**
 * The revision that the partition holds a group at, the counts of its roles included. Undefined for one that follows
 * the spec, as under Kthena a protected one does whose revision is not stored.
 */
export function heldAt(
  group: ServingGroup,
  position: number,
  serving: Workload,
  revisionOf: RevisionOf,
): Revision | undefined {
  return position < resolvePartition(serving.partition, serving.replicas) ? revisionOf(group.pods) : undefined;
}

/**
 * A group as a candidate, `held` at a revision where the partition protects it. Its sum is best raised on
 * `<roles[0]>-0`, which must stay the highest of its role anyway.
 */
function groupCandidate(
  group: ServingGroup,
  held: Revision | undefined,
  serving: Workload,
  revisionOf: RevisionOf,
): Candidate {
  const { roles } = serving;
  const deleting = group.pods.every((pod) => pod.deleting);
  const byRole = roles.flatMap((role) => group.replicas.filter((replica) => replica.role === role.name));
  return {
    name: group.name,
    group: group.name,
    role: null,
    ordinal: group.ordinal,
    // Kthena ranks one on its way out with those that are not ready.
    ready: !deleting && isGroupReady(group, held?.roles ?? roles, revisionOf),
    deleting,
    anchor: false,
    pods: group.pods,
    leaving: held === undefined ? roles.flatMap((role) => leavingOf(group, role, serving, revisionOf)) : [],
    entryPods: byRole.flatMap((replica) => replica.pods.filter(isEntry)),
  };
}

/** The pods that Kthena will take from a role of a group, as their costs are now, once it sees how many are wanted. */
function leavingOf(group: ServingGroup, role: Role, serving: Workload, revisionOf: RevisionOf): readonly Pod[] {
  const replicas = group.replicas.filter((replica) => replica.role === role.name);
  if (replicas.length <= role.replicas) return [];
  const candidates = replicas.map((replica) => roleCandidate(replica, group, role, serving, revisionOf));
  const partition = resolvePartition(role.partition, role.replicas);
  return surplusReplicas(candidates, role.replicas, partition).flatMap(({ pods }) => pods);
}

/** A role replica as a candidate. Kthena pins HPA's selector to `<roles[0]>-0`, so that one is the anchor. */
export function roleCandidate(
  replica: RoleReplica,
  group: ServingGroup,
  role: Role,
  serving: Workload,
  revisionOf: RevisionOf,
): Candidate {
  return {
    name: replica.id,
    group: group.name,
    role: role.name,
    ordinal: replica.ordinal,
    ready: isReplicaReady(replica, role, revisionOf),
    deleting: replica.pods.every((pod) => pod.deleting),
    anchor: serving.roles[0]?.name === role.name && replica.ordinal === 0,
    pods: replica.pods,
    entryPods: replica.pods.filter(isEntry),
  };
}

/**
 * Every role has the replicas that it should have, each complete and ready: one with more has not been scaled yet,
 * since what Kthena takes from a role it deletes in the same moment.
 */
function isGroupReady(group: ServingGroup, roles: readonly StoredRole[], revisionOf: RevisionOf): boolean {
  return roles.every((role) => {
    const replicas = group.replicas.filter((replica) => replica.role === role.name);
    return replicas.length >= role.replicas && replicas.every((replica) => isReplicaReady(replica, role, revisionOf));
  });
}

/**
 * One that a rollout of more or fewer workers has not reached yet is complete with those of its own revision: Kthena
 * has it as Running, though it may have added the missing ones already.
 */
function isReplicaReady({ pods }: RoleReplica, role: StoredRole, revisionOf: RevisionOf): boolean {
  const { workers } = revisionOf(pods)?.roles.find(({ name }) => name === role.name) ?? role;
  return pods.filter((pod) => isRunning(pod) && !pod.deleting).length >= 1 + workers;
}

function isRunning(pod: Pod): boolean {
  return pod.phase === 'Running' && pod.ready;
}

function isEntry(pod: Pod): boolean {
  return pod.labels[ENTRY] === 'true';
}
