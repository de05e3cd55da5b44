import { isActive, type Pod } from '../domain/fleet/pod.ts';
import type { RoleRatio } from '../domain/fleet/ratio-policy.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { NOTHING_KNOWN } from '../domain/ordering/facts.ts';
import { gangFloor } from '../domain/ordering/gang-floor.ts';
import { pdBothOrNone } from '../domain/ordering/pd-both-or-none.ts';
import { pdRatio } from '../domain/ordering/pd-ratio.ts';
import { countedChange, type Rule } from '../domain/ordering/rule.ts';
import type { Candidate } from '../domain/victims/pool.ts';
import type { AdapterOptions } from './adapter.ts';
import { ratioOf } from './declared-ratio.ts';
import { falls } from './nested-gangs.ts';
import { topmostOwner, workloadsAbove } from './owners-above.ts';
import { pendingVictims } from './pending-victims.ts';
import { adapterOf } from './registry.ts';
import { unchangedRequests } from './scale-requests.ts';
import { scalersOf, withScalersCounts } from './scalers.ts';

/** The rules on what the roles of a group must be to each other. */
const RULES: readonly Rule[] = [gangFloor, pdBothOrNone, pdRatio];

export interface GangSettings {
  /** Whether a rule holds for a workload at all. */
  holds(rule: Rule, workload: Workload): boolean;
  readonly adapterOptions?: AdapterOptions;
}

/**
 * Tells whether a gang breaks when these pods go, all at once and by no scale-down: what is left of a group would
 * violate a gang's minimum, a declared ratio or both-or-none that was kept until now, or be a replica without some of
 * its pods. A scheduler asks of a hundred nodes and more: what is known of a workload is read once for all.
 */
export function gangBreaker(snapshot: Snapshot, settings: GangSettings): (pods: readonly Pod[]) => boolean {
  const isPending = pendingVictims(snapshot);
  const stays = (pod: Pod) => isActive(pod) && !isPending(pod);
  const known = new Map<Workload, Breaks>();
  const breaksOf = (workload: Workload) => {
    const breaks = known.get(workload) ?? readBreaks(countedWhole(workload, snapshot), stays, snapshot, settings);
    known.set(workload, breaks);
    return breaks;
  };
  return (pods) => {
    const gone = new Set(pods.map(({ uid }) => uid));
    const judged = new Set(workloadsAbove(pods, snapshot).map((workload) => judgedWith(workload, snapshot)));
    return [...judged].some((workload) => breaksOf(workload)(gone));
  };
}

/** Whether something of a workload breaks when these pods go, by their uids. */
type Breaks = (gone: ReadonlySet<string>) => boolean;

function readBreaks(
  workload: Workload,
  stays: (pod: Pod) => boolean,
  snapshot: Snapshot,
  settings: GangSettings,
): Breaks {
  if (!isGrouped(workload)) return () => false;
  const gangs = adapterOf(workload).gangs?.(workload, snapshot, stays);
  if (gangs === undefined) {
    const standing = readStanding(workload, stays, snapshot, settings);
    return (gone) => breaks(standing, gone);
  }
  return settings.holds(gangFloor, workload) ? (gone) => gangs.some((gang) => falls(gang, gone)) : () => false;
}

/** What tells of the gangs within it is judged as a whole: the objects below it know nothing of each other. */
function judgedWith(workload: Workload, snapshot: Snapshot): Workload {
  const top = topmostOwner(workload, snapshot);
  return adapterOf(top).gangs === undefined ? workload : top;
}

/** With the roles that only scalers count. */
function countedWhole(workload: Workload, snapshot: Snapshot): Workload {
  return withScalersCounts(workload, scalersOf(workload, snapshot));
}

/** Of a flat workload every pod is a replica, and there is nothing to break. */
function isGrouped({ roles, gangMinimum }: Workload): boolean {
  return roles.length > 0 || gangMinimum !== null;
}

/** What stands of a workload while nobody has gone. */
interface Standing {
  readonly workload: Workload;
  readonly rules: readonly Rule[];
  readonly ratio: RoleRatio | null;
  /** By the uid of each pod, the pods of what is of use only as a whole. */
  readonly wholes: ReadonlyMap<string, readonly Pod[]>;
  /** By the uid of each pod, the complete members that it is of. */
  readonly members: ReadonlyMap<string, readonly Member[]>;
}

/** One that is complete, and what it counts among: the replicas of its group's roles, or all groups. */
interface Member {
  readonly candidate: Candidate;
  readonly among: readonly Candidate[];
}

function readStanding(
  workload: Workload,
  stays: (pod: Pod) => boolean,
  snapshot: Snapshot,
  settings: GangSettings,
): Standing {
  const { ratio } = ratioOf(workload, snapshot);
  const rules = RULES.filter((rule) => settings.holds(rule, workload));
  // Protection by a partition is against rollouts: here every group counts.
  const candidates = unchangedRequests({ ...workload, partition: null })
    .flatMap((request) => adapterOf(workload).scale(request, snapshot, 0, settings.adapterOptions).pools)
    .flatMap((pool) => pool.candidates);
  const wholes = new Map<string, readonly Pod[]>();
  for (const { pods } of rules.includes(gangFloor) ? replicasIn(candidates, workload) : []) {
    const staying = pods.filter(stays);
    for (const { uid } of staying) wholes.set(uid, staying);
  }
  const workers = new Map(workload.roles.map((role) => [role.name, role.workers]));
  const complete = candidates.filter(
    ({ role, pods }) => pods.length > (workers.get(role ?? '') ?? 0) && pods.every(stays),
  );
  const members = new Map<string, Member[]>();
  for (const among of Map.groupBy(complete, ({ group, role }) => (role === null ? null : group)).values()) {
    for (const candidate of among) {
      for (const { uid } of candidate.pods) {
        const own = members.get(uid) ?? [];
        own.push({ candidate, among });
        members.set(uid, own);
      }
    }
  }
  return { workload, rules, ratio, wholes, members };
}

/** Only what loses a pod is looked at: of all else nothing changes. */
function breaks({ workload, rules, ratio, wholes, members }: Standing, gone: ReadonlySet<string>): boolean {
  const lost = new Map<readonly Candidate[], Set<Candidate>>();
  for (const uid of gone) {
    if (isTorn(wholes.get(uid) ?? [], gone)) return true;
    for (const { candidate, among } of members.get(uid) ?? [])
      lost.set(among, (lost.get(among) ?? new Set()).add(candidate));
  }
  const rest = { rollout: false, ratio, maxReplicas: Number.POSITIVE_INFINITY, cooldown: 0, facts: NOTHING_KNOWN };
  return [...lost].some(([among, going]) => {
    const old = standing(workload, among);
    const next = standing(
      workload,
      among.filter((candidate) => !going.has(candidate)),
      among,
    );
    const change = countedChange({ old, next, ...rest });
    return rules.some((rule) => rule.judge(change).length > 0);
  });
}

/** What is of use only as a whole: replicas of roles, and groups of nothing but one leader and its workers. */
function replicasIn(candidates: readonly Candidate[], { roles }: Workload): readonly Candidate[] {
  const ofRoles = candidates.filter(({ role }) => role !== null);
  return ofRoles.length === 0 && roles.length === 1 ? candidates : ofRoles;
}

/** Some of its pods go, and those that stay are of no use without them. */
function isTorn(staying: readonly Pod[], gone: ReadonlySet<string>): boolean {
  const left = staying.filter(({ uid }) => !gone.has(uid)).length;
  return left > 0 && left < staying.length;
}

/** The workload with the counts of what stands: of one group's roles, or of its groups. */
function standing(workload: Workload, left: readonly Candidate[], [first] = left): Workload {
  if (first?.role === null) return { ...workload, replicas: left.length };
  const countOf = (name: string) => left.filter(({ role }) => role === name).length;
  return { ...workload, roles: workload.roles.map((role) => ({ ...role, replicas: countOf(role.name) })) };
}
