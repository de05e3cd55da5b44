/**
 * What Kthena's controller deletes when a ModelServing shrinks: an independent model for tests, checked against kthena
 * 3cc0572. It imports nothing from src, on purpose.
 *
 * Pods vanish one at a time, and the controller recounts after each, so a cost encoding that makes it delete too many
 * shows as an extra group. Not modelled: creation (a serving left with too few groups stays so), rolling updates,
 * services and pod groups that outlive the pods.
 */

/**
 * One pod. `cost` is the raw text of the annotation; `ready` is Running and Ready; `deleting`: it has a
 * deletionTimestamp.
 */
export interface OraclePod {
  name: string;
  group: string;
  groupOrdinal: number;
  role: string;
  roleOrdinal: number;
  entry: boolean;
  cost: string | undefined;
  ready: boolean;
  deleting: boolean;
}

/** The spec as it is wanted now. Partitions are absolute numbers: resolve percentages first, rounding up. */
export interface OracleServing {
  name: string;
  replicas: number;
  roles: readonly { name: string; replicas: number; workers: number }[];
  partition?: number;
  rolePartitions?: Readonly<Record<string, number>>;
}

/**
 * A later change of the wanted count. It comes once `afterVanished` pods are gone, or when nothing is left to vanish;
 * `costs` (annotation text by pod name) are written in the same moment, from the pods that still exist.
 */
export interface OracleChange {
  afterVanished: number;
  replicas: number;
  costs?: (existing: readonly OraclePod[]) => Readonly<Record<string, string>>;
}

/**
 * `deletingRank`: how a group being deleted ranks. The controller's store gives it the priority of a group that is not
 * ready, yet the real one was seen to rank it like a live one: a sound encoding survives both. `running`: groups, and
 * role replicas as `<group>/decode-1`, that the controller's store has as Running when it looks, whatever is known of
 * their pods: it demotes one only for a pod that failed, was restarted or is gone, not for one that is unready or
 * terminating; and one that was starting may be ready by then. They count so until one of their pods is gone.
 * `withRoles`: after the groups, the roles of those that stay and are not protected are brought to the spec on every
 * look. `random`: in [0, 1), picks which of the terminating pods vanishes next, counted in the order the pods were
 * given.
 */
export interface OracleOptions {
  deletingRank: 'as-live' | 'as-not-ready';
  running?: ReadonlySet<string>;
  withRoles?: boolean;
  random: () => number;
  changes?: readonly OracleChange[];
}

interface Member {
  name: string;
  ordinal: number;
  pods: OraclePod[];
  deleting: boolean;
}

interface Candidate {
  member: Member;
  unprotected: boolean;
  ready: boolean;
}

/**
 * A repeatable `random` for OracleOptions: a counter through MurmurHash3's 32-bit finalizer, so that near seeds differ
 * at once.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** One pod's cost as Kthena reads it: Go's strconv.Atoi on 64 bits; missing or anything else counts 0. */
export function kthenaCost(raw: string | undefined): bigint {
  if (raw === undefined || !/^[+-]?[0-9]+$/.test(raw)) return 0n;
  const magnitude = BigInt(raw.replace(/^[+-]/, ''));
  const value = raw.startsWith('-') ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? value : 0n;
}

/**
 * Shrinks the groups of `serving` until nothing is being deleted. A group exists while any of its pods does; it counts
 * as being deleted at the start when all its pods are.
 * Returns the pods in the order they vanished and every group that is gone: first those already being deleted at the
 * start, by ordinal, then the others in the order they were marked.
 */
export function scaleDownGroups(
  serving: OracleServing,
  pods: readonly OraclePod[],
  options: OracleOptions,
): { deletedPods: string[]; deletedGroups: string[] } {
  const groupsOf = (existing: readonly OraclePod[]) =>
    membersByOrdinal(existing, (pod) => ({ name: pod.group, ordinal: pod.groupOrdinal }));
  const alreadyDeleting = groupsOf(pods).filter((group) => group.deleting);
  const countsAsRunning = stored(groupsOf(pods), options);
  const readyBefore = new Map(
    alreadyDeleting.map((group) => [group.name, countsAsRunning(group) || group.pods.every((pod) => pod.ready)]),
  );

  const isReady = (group: Member): boolean => {
    if (!group.deleting) return countsAsRunning(group) || groupIsReady(serving, group.pods);
    return options.deletingRank === 'as-live' && readyBefore.get(group.name) === true;
  };
  const deletedPods = run(pods, serving.replicas, options, (existing, wanted) => {
    const groups = groupsOf(existing);
    const candidates = groups.map((member, position) => ({
      member,
      unprotected: position >= (serving.partition ?? 0),
      ready: isReady(member),
    }));
    for (const { member, ready } of firstToGo(candidates, groups.length - wanted)) {
      if (!member.deleting) readyBefore.set(member.name, ready);
      markDeleting(member);
    }
    if (options.withRoles !== true) return;
    for (const { member } of candidates.filter(
      ({ member, unprotected }) => unprotected && !readyBefore.has(member.name),
    )) {
      for (const role of serving.roles) {
        const rolePods = member.pods.filter((pod) => pod.role === role.name);
        const isReady = (replica: Member) => replicaIsReady(replica.pods, role.workers);
        for (const replica of surplusOf(serving, role, rolePods, role.replicas, isReady)) markDeleting(replica);
      }
    }
  });
  return { deletedPods, deletedGroups: [...readyBefore.keys()] };
}

/**
 * Shrinks one role of one group to the role's wanted count; `changes` then mean the role's count. Other pods are left
 * alone, and nothing happens in a group that is itself being deleted, since the controller skips it.
 * Returns the role's pods in the order they vanished and the role replicas (`decode-1`) that are gone, ordered as
 * deletedGroups is in scaleDownGroups.
 */
export function scaleDownRole(
  serving: OracleServing,
  group: string,
  role: string,
  pods: readonly OraclePod[],
  options: OracleOptions,
): { deletedPods: string[]; deletedReplicas: string[] } {
  const spec = serving.roles.find((candidate) => candidate.name === role);
  if (spec === undefined) throw new Error(`serving ${serving.name} has no role ${role}`);
  const groupPods = pods.filter((pod) => pod.group === group);
  if (groupPods.every((pod) => pod.deleting)) return { deletedPods: [], deletedReplicas: [] };

  const rolePods = groupPods.filter((pod) => pod.role === role);
  const deletedReplicas = roleReplicas(rolePods)
    .filter((replica) => replica.deleting)
    .map((replica) => replica.name);
  const countsAsRunning = stored(roleReplicas(rolePods), options, `${group}/`);
  const deletedPods = run(rolePods, spec.replicas, options, (existing, wanted) => {
    const isReady = (replica: Member) => countsAsRunning(replica) || replicaIsReady(replica.pods, spec.workers);
    for (const member of surplusOf(serving, spec, existing, wanted, isReady)) {
      deletedReplicas.push(member.name);
      markDeleting(member);
    }
  });
  return { deletedPods, deletedReplicas };
}

/** The role replicas of one group, whose pods of the role are given, that go when so many are wanted. */
function surplusOf(
  { rolePartitions }: OracleServing,
  { name }: { name: string },
  pods: readonly OraclePod[],
  wanted: number,
  isReady: (replica: Member) => boolean,
): Member[] {
  const live = roleReplicas(pods)
    .map((member, position) => ({
      member,
      unprotected: position >= (rolePartitions?.[name] ?? 0),
      ready: isReady(member),
    }))
    .filter(({ member }) => !member.deleting);
  return firstToGo(live, live.length - wanted).map(({ member }) => member);
}

/**
 * Whether the store has a member as Running: it is named in `running`, and has all the pods that it had at the start.
 */
function stored(members: readonly Member[], { running }: OracleOptions, prefix = ''): (member: Member) => boolean {
  const before = new Map(members.map(({ name, pods }) => [name, pods.length]));
  return ({ name, pods }) => running?.has(`${prefix}${name}`) === true && pods.length === before.get(name);
}

/**
 * The reconcile loop: recount, then let one terminating pod vanish, until none is left. Returns the pods gone, in
 * order.
 */
function run(
  pods: readonly OraclePod[],
  replicas: number,
  options: OracleOptions,
  recount: (existing: readonly OraclePod[], wanted: number) => void,
): string[] {
  const existing = pods.map((pod) => ({ ...pod }));
  const changes = [...(options.changes ?? [])];
  const vanished: string[] = [];
  let wanted = replicas;
  for (;;) {
    recount(existing, wanted);
    const terminating = existing.filter((pod) => pod.deleting);
    const change = changes[0];
    if (change !== undefined && (terminating.length === 0 || vanished.length >= change.afterVanished)) {
      changes.shift();
      wanted = change.replicas;
      const costs = change.costs?.(existing) ?? {};
      for (const pod of existing) pod.cost = costs[pod.name] ?? pod.cost;
      continue;
    }
    if (terminating.length === 0) return vanished;
    const next = terminating[Math.floor(options.random() * terminating.length)];
    if (next === undefined) throw new Error('random must return a number in [0, 1)');
    existing.splice(existing.indexOf(next), 1);
    vanished.push(next.name);
  }
}

/** The `count` candidates deleted first: unprotected, then not ready, then lower sum, then higher ordinal. */
function firstToGo(candidates: readonly Candidate[], count: number): Candidate[] {
  const order = [...candidates].sort((a, b) => {
    if (a.unprotected !== b.unprotected) return a.unprotected ? -1 : 1;
    if (a.ready !== b.ready) return a.ready ? 1 : -1;
    const [sumA, sumB] = [costSum(a.member.pods), costSum(b.member.pods)];
    if (sumA !== sumB) return sumA < sumB ? -1 : 1;
    return b.member.ordinal - a.member.ordinal;
  });
  return order.slice(0, Math.max(0, count));
}

function costSum(pods: readonly OraclePod[]): bigint {
  return pods.reduce((sum, pod) => BigInt.asIntN(64, sum + kthenaCost(pod.cost)), 0n);
}

function markDeleting(member: Member): void {
  for (const pod of member.pods) pod.deleting = true;
}

function roleReplicas(pods: readonly OraclePod[]): Member[] {
  return membersByOrdinal(pods, (pod) => ({ name: `${pod.role}-${pod.roleOrdinal}`, ordinal: pod.roleOrdinal }));
}

function membersByOrdinal(
  pods: readonly OraclePod[],
  memberOf: (pod: OraclePod) => { name: string; ordinal: number },
): Member[] {
  const members = new Map<string, Member>();
  for (const pod of pods) {
    const { name, ordinal } = memberOf(pod);
    const member = members.get(name) ?? { name, ordinal, pods: [], deleting: true };
    member.pods.push(pod);
    member.deleting &&= pod.deleting;
    members.set(name, member);
  }
  return [...members.values()].sort((a, b) => a.ordinal - b.ordinal);
}

/**
 * More role replicas than wanted do not make a group unready: groups are synced before roles, so a group that is about
 * to lose a role replica still ranks as Running.
 */
function groupIsReady(serving: OracleServing, pods: readonly OraclePod[]): boolean {
  return serving.roles.every((role) => {
    const replicas = roleReplicas(pods.filter((pod) => pod.role === role.name));
    return replicas.length >= role.replicas && replicas.every(({ pods }) => replicaIsReady(pods, role.workers));
  });
}

function replicaIsReady(pods: readonly OraclePod[], workers: number): boolean {
  return pods.length === 1 + workers && pods.every((pod) => pod.ready && !pod.deleting);
}
