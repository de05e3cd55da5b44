import type { Pod } from '../../domain/fleet/pod.ts';
import type { Snapshot } from '../../domain/fleet/snapshot.ts';
import type { ScaleRequest } from '../../domain/victims/pool.ts';
import { type Reading, together, unforeseen } from '../adapter.ts';
import { ordinalOf } from '../core/ordinals.ts';
import { groupsOf } from '../lws/groups.ts';
import { NAME as SET } from '../lws/labels.ts';
import { keptBySurge } from '../lws/surge.ts';
import { scaleOrdinals } from '../ordinal-pool.ts';
import { podsUnder } from '../owned-pods.ts';
import { type Unit, unitOfPods } from '../unit.ts';

/** Labels that the DisaggregatedSet controller puts on pods, by the templates of the LeaderWorkerSets that it makes. */
export const SET_NAME = 'disaggregatedset.x-k8s.io/name';
export const ROLE = 'disaggregatedset.x-k8s.io/role';
const SLICE = 'disaggregatedset.x-k8s.io/slice';

/** A DisaggregatedSet as far as its slices are concerned. */
interface SetOfSlices {
  readonly uid: string;
  readonly name: string;
}

/** Slices are deleted whole, the highest first. */
export function scaleSlices(request: ScaleRequest, snapshot: Snapshot, now: number): Reading {
  return scaleOrdinals(request, slicesOf(request.workload, snapshot), now);
}

/** One pool a slice: each has a LeaderWorkerSet of its own for the role, which loses its highest group indexes. */
export function scaleRole(
  set: SetOfSlices,
  role: string,
  request: ScaleRequest,
  snapshot: Snapshot,
  now: number,
): Reading {
  // Those of a new revision are there before their first pods.
  const owned = snapshot.workloadsOf(set.uid).filter(({ target }) => target === undefined);
  const readings = slicesOf(set, snapshot).map(({ name: slice, pods }): Reading => {
    const members = pods.filter(({ labels }) => labels[ROLE] === role);
    const carriers = owned.filter(({ labels }) => labels[ROLE] === role && nameOfSlice(set, labels) === slice);
    const sets = new Set([...members.map(({ labels }) => labels[SET]), ...carriers.map(({ name }) => name)]);
    if (sets.size > 1) {
      const warning = `role ${role} of ${slice} is in the middle of a rollout: how many each revision loses is decided later`;
      return unforeseen(warning);
    }
    const carrier = [...sets][0] ?? `${slice}-${role}`;
    const leaderWorkerSet = owned.find(({ name }) => name === carrier);
    const groups = groupsOf(members, 1 + (leaderWorkerSet?.roles[0]?.workers ?? 0));
    const kept = leaderWorkerSet && keptBySurge(leaderWorkerSet, request, groups, snapshot);
    const replicas = groups.map((group): Unit => ({ ...group, name: `${role}-${group.ordinal}`, group: slice, role }));
    return kept ?? scaleOrdinals(request, replicas, now, carrier);
  });
  return together(readings);
}

/** `<set>-<slice>`. */
export function sliceNameOf({ labels }: Pod): string {
  return `${labels[SET_NAME]}-${sliceOf(labels)}`;
}

function nameOfSlice({ name }: SetOfSlices, labels: Readonly<Record<string, string>>): string {
  return `${name}-${sliceOf(labels)}`;
}

/** The slice that labels tell, as text: objects from before there were slices have none and are slice 0. */
export function sliceOf(labels: Readonly<Record<string, string>>): string {
  return labels[SLICE] ?? '0';
}

function slicesOf({ uid, name }: SetOfSlices, snapshot: Snapshot): readonly Unit[] {
  return [...Map.groupBy(podsUnder(uid, snapshot), ({ labels }) => ordinalOf(sliceOf(labels)))].map(([ordinal, pods]) =>
    unitOfPods(`${name}-${ordinal}`, ordinal, pods),
  );
}
