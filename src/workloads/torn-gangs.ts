import { isActive, type Pod } from '../domain/fleet/pod.ts';
import type { Snapshot } from '../domain/fleet/snapshot.ts';
import type { Workload } from '../domain/fleet/workload.ts';
import { NOTHING_KNOWN } from '../domain/ordering/facts.ts';
import { gangFloor } from '../domain/ordering/gang-floor.ts';
import { pdBothOrNone } from '../domain/ordering/pd-both-or-none.ts';
import { pdRatio } from '../domain/ordering/pd-ratio.ts';
import type { Rule } from '../domain/ordering/rule.ts';
import type { Candidate } from '../domain/victims/pool.ts';
import type { AdapterOptions } from './adapter.ts';
import { ratioOf } from './declared-ratio.ts';
import { workloadsAbove } from './owners-above.ts';
import { pendingVictims } from './pending-victims.ts';
import { adapterOf } from './registry.ts';
import { unchangedRequests } from './scaling.ts';

/** The rules on what the roles of a group must be to each other. */
const RULES: readonly Rule[] = [gangFloor, pdBothOrNone, pdRatio];

export interface GangSettings {
  /** Whether a rule holds for a workload at all. */
  holds(rule: Rule, workload: Workload): boolean;
  readonly adapters?: AdapterOptions;
}

/**
 * Tells whether a gang breaks when these pods go, all at once and by no scale-down: what is left of a group would violate
 * a gang's minimum, a declared ratio or both-or-none that was kept until now, or be a replica without some of its pods.
 */
export function gangBreaker(snapshot: Snapshot, settings: GangSettings): (pods: readonly Pod[]) => boolean {
  const isPending = pendingVictims(snapshot);
  const stays = (pod: Pod) => isActive(pod) && !isPending(pod);
  return (pods) => {
    const gone = new Set(pods.map(({ uid }) => uid));
    const judged = workloadsAbove(pods, snapshot).filter(isGrouped);
    return judged.some((workload) => breaks(workload, { stays, gone }, snapshot, settings));
  };
}

/** Of a flat workload every pod is a replica, and there is nothing to break. */
function isGrouped({ roles, gangMinimum, target }: Workload): boolean {
  return target === undefined && (roles.length > 0 || gangMinimum !== null);
}

interface Loss {
  readonly stays: (pod: Pod) => boolean;
  readonly gone: ReadonlySet<string>;
}

function breaks(workload: Workload, loss: Loss, snapshot: Snapshot, settings: GangSettings): boolean {
  const { ratio } = ratioOf(workload, snapshot);
  const rules = RULES.filter((rule) => settings.holds(rule, workload));
  const rest = { rollout: false, ratio, maxReplicas: Number.POSITIVE_INFINITY, cooldown: 0, facts: NOTHING_KNOWN };
  // Protection by a partition is against rollouts: here every group counts.
  const candidates = unchangedRequests({ ...workload, partition: null })
    .flatMap((request) => adapterOf(workload).scale(request, snapshot, 0, settings.adapters).pools)
    .flatMap((pool) => pool.candidates);
  if (rules.includes(gangFloor) && replicasIn(candidates, workload).some((replica) => isTorn(replica, loss)))
    return true;
  return [...Map.groupBy(candidates, ({ group, role }) => (role === null ? null : group)).values()].some((members) => {
    const [old, next] = [{ ...loss, gone: NOBODY }, loss].map((then) => standing(workload, members, then));
    return (
      old !== undefined && next !== undefined && rules.some((rule) => rule.judge({ old, next, ...rest }).length > 0)
    );
  });
}

const NOBODY: ReadonlySet<string> = new Set();

/** What is of use only as a whole: replicas of roles, and groups of nothing but one leader and its workers. */
function replicasIn(candidates: readonly Candidate[], { roles }: Workload): readonly Candidate[] {
  const ofRoles = candidates.filter(({ role }) => role !== null);
  const [only, ...others] = roles;
  const areReplicas = ofRoles.length === 0 && others.length === 0 && only !== undefined && only.workers > 0;
  return areReplicas ? candidates : ofRoles;
}

/** Some of its pods go, and those that stay are of no use without them. */
function isTorn({ pods }: Candidate, { stays, gone }: Loss): boolean {
  const staying = pods.filter(stays);
  const left = staying.filter(({ uid }) => !gone.has(uid)).length;
  return left > 0 && left < staying.length;
}

/** The workload with the counts of what stands: of one group's roles, or of its groups. */
function standing(workload: Workload, members: readonly Candidate[], { stays, gone }: Loss): Workload {
  const workers = new Map(workload.roles.map((role) => [role.name, role.workers]));
  const whole = members.filter(
    ({ role, pods }) =>
      pods.length > (workers.get(role ?? '') ?? 0) && pods.every((pod) => stays(pod) && !gone.has(pod.uid)),
  );
  if (members[0]?.role === null) return { ...workload, replicas: whole.length };
  const countOf = (name: string) => whole.filter(({ role }) => role === name).length;
  return { ...workload, roles: workload.roles.map((role) => ({ ...role, replicas: countOf(role.name) })) };
}
